import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { ControlPlaneStack } from '../../../infra/control-plane-stack.ts';
import { settingsOf } from '../../../infra/settings.ts';
import { TargetAccountStack } from '../../../infra/target-account-stack.ts';

/** One resource of a template. */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: templates are as deep and free as CloudFormation
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
}

/** A template, which tests change to see that a check can fail. */
export interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Outputs: Record<string, { readonly Value: unknown }>;
}

/** What `cdk synth` writes, without the bundles of the functions. */
export interface Synthesis {
  readonly controlPlane: Template;
  readonly targetAccount: Template;
  /** The text of the state machine's definition, as it is uploaded. */
  readonly definition: string;
}

/** Synthesizes both stacks with the context of `cdk.json` and some of one's own. */
export function synthesize(context: Readonly<Record<string, unknown>> = {}): Synthesis {
  const outdir = mkdtempSync(join(tmpdir(), 'interlock-synth-'));
  try {
    return synthesizeIn(outdir, context);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function synthesizeIn(outdir: string, context: Readonly<Record<string, unknown>>): Synthesis {
  const own = JSON.parse(readFileSync('cdk.json', 'utf8')).context;
  const app = new App({ context: { ...own, ...context, ...UNBUNDLED }, outdir });
  const settings = settingsOf(app.node);
  const stacks = [
    new ControlPlaneStack(app, 'ControlPlane', { settings }),
    new TargetAccountStack(app, 'TargetAccount', { settings }),
  ];
  const assembly = app.synth();
  const [controlPlane, targetAccount] = stacks.map(
    (stack) => assembly.getStackByName(stack.stackName).template as Template,
  ) as [Template, Template];
  const definition = readFileSync(join(outdir, assetOf(controlPlane)), 'utf8');
  return { controlPlane, targetAccount, definition };
}

const UNBUNDLED = { 'aws:cdk:bundling-stacks': [] };

/** Every resource of a type, with its logical id. */
export function resourcesOf(
  template: Template,
  type: string,
): readonly (readonly [string, Resource])[] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

function assetOf(template: Template): string {
  const [machine] = resourcesOf(template, 'AWS::StepFunctions::StateMachine');
  const { Key: key } = machine?.[1].Properties['DefinitionS3Location'] ?? {};
  return `asset.${key}`;
}
