import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { App, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { addStacks } from '../../../infra/stacks.ts';
import type { TaskFunction } from '../../../infra/task-function.ts';

type Stacks = ReturnType<typeof addStacks>;
interface Report {
  readonly pluginReports: readonly {
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

const CONTEXT = JSON.parse(readFileSync('cdk.json', 'utf8')).context;
const REASON_CHARACTERS_MIN = 20;

/** What cdk-nag finds in both stacks and nobody acknowledged, as `rule path`. */
const findingsIn = (
  context: Readonly<Record<string, unknown>> = {},
  change: (stacks: Stacks) => void = () => undefined,
): readonly string[] => {
  const outdir = mkdtempSync(join(tmpdir(), 'interlock-nag-'));
  const exitCode = process.exitCode;
  try {
    const unbundled = { 'aws:cdk:bundling-stacks': [] };
    const app = new App({ context: { ...CONTEXT, ...context, ...unbundled }, outdir });
    change(addStacks(app));
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
    synthesizeQuietly(app);
    const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
    return (report as Report).pluginReports.flatMap(({ violations }) =>
      violations.flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map(({ constructPath }) => `${ruleName} ${constructPath}`),
      ),
    );
  } finally {
    process.exitCode = exitCode;
    rmSync(outdir, { recursive: true });
  }
};

/** It throws and prints when there is a finding; the report has it too. */
const synthesizeQuietly = (app: App): void => {
  const quiet = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const alsoQuiet = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    app.synth();
  } catch (error) {
    if (!`${error}`.includes('alidation')) throw error;
  } finally {
    quiet.mockRestore();
    alsoQuiet.mockRestore();
  }
};

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the rules of cdk-nag', () => {
  it.each([
    ['as shipped', {}],
    [
      'with everything on',
      {
        ...{ tracing: true, highThroughputSsm: true, alarmEmail: 'ops@example.com' },
        archive: { lock: 'compliance', retentionDays: 3650 },
        targetAccounts: ['111111111111'],
      },
    ],
  ])('find nothing in both stacks %s', (_how, context) => {
    expect(findingsIn(context)).toEqual([]);
  });

  it.each<[string, (stacks: Stacks) => void, string]>([
    [
      'a bucket that is open',
      ({ controlPlane }) => new Bucket(controlPlane, 'Mistake'),
      'AwsSolutions-S10 ControlPlane/Mistake',
    ],
    [
      'a role that may too much',
      ({ controlPlane }) => {
        const { role } = controlPlane.node.findChild('Execute') as TaskFunction;
        role.addToPolicy(new PolicyStatement({ actions: ['iam:*'], resources: ['*'] }));
      },
      'AwsSolutions-IAM5[Action::iam:*] ControlPlane/Execute',
    ],
  ])('find %s', (_what, change, finding) => {
    const found = findingsIn({}, change).filter((one) => one.startsWith(finding));

    expect(found).toHaveLength(1);
  });

  it('find all that is acknowledged when it is not, and nothing else is acknowledged', () => {
    const acknowledged: { readonly id: string; readonly reason: string }[] = [];
    jest
      .spyOn(Validations.prototype, 'acknowledge')
      .mockImplementation((...rules) => void acknowledged.push(...(rules as [])));

    const found = findingsIn({ alarmEmail: 'ops@example.com' }).map((one) =>
      one.slice(0, one.lastIndexOf(' ')),
    );

    expect(sorted(found)).toEqual(sorted(acknowledged.map(({ id }) => id)));
    for (const { reason } of acknowledged)
      expect(reason.length).toBeGreaterThan(REASON_CHARACTERS_MIN);
  });
});

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
