import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DeleteBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { ACCOUNT } from './emulator/account.ts';
import { clientOptions, type Emulator } from './emulator/emulator.ts';

/** What the stacks say about themselves, by the names of their outputs. */
export type Outputs = Readonly<Record<string, string>>;

/** How the stacks are deployed: `-c name=value`; what is not text is given as JSON. */
export type Context = Readonly<Record<string, unknown>>;

const ROOT = join(import.meta.dirname, '..', '..');
const CDK = join(ROOT, 'node_modules', '.bin', 'cdk');
/** The default, which the emulator would make an attachment without a policy of. */
const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';
/** A custom resource that crashes would have a deployment hang. */
const DEPLOY_MS_MAX = 240_000;

/** Short times, so that tests wait for seconds: what production waits for is in `cdk.json`. */
export const FAST = {
  deletionProtection: false,
  operatorMfa: 'optional',
  timing: { settleMs: 0, effectMs: 4000, skewMs: 500, leaseMs: 10_000, approvalMs: 600_000 },
} as const;

/** Deploys both stacks with plain `cdk` into an emulator that it bootstraps first. */
export async function deploy(emulator: Emulator, context: Context = {}): Promise<Outputs> {
  const folder = await mkdtemp(join(tmpdir(), 'interlock-deploy-'));
  try {
    // Elsewhere: it would take the app of this folder for what it is to bootstrap.
    const policies = ['--cloudformation-execution-policies', ADMINISTRATOR];
    await cdk(emulator, folder, ['bootstrap', `aws://${ACCOUNT}/us-east-1`, ...policies]);
    // It names roles that the emulator does not know to be the caller's.
    await new S3Client({ ...clientOptions(emulator), forcePathStyle: true }).send(
      new DeleteBucketPolicyCommand({ Bucket: `cdk-hnb659fds-assets-${ACCOUNT}-us-east-1` }),
    );
    return await redeploy(emulator, context);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Deploys both stacks into an emulator where they may be already. */
export async function redeploy(emulator: Emulator, context: Context = {}): Promise<Outputs> {
  const folder = await mkdtemp(join(tmpdir(), 'interlock-deploy-'));
  const outputsFile = join(folder, 'outputs.json');
  const flags = Object.entries({ ...FAST, ...context }).flatMap(([name, value]) => [
    '-c',
    `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);
  try {
    await cdk(emulator, ROOT, [
      ...['deploy', '--all', '--require-approval', 'never', '--app', 'node test/e2e/app.ts'],
      ...['--output', join(folder, 'cdk.out'), '--outputs-file', outputsFile, ...flags],
    ]);
    const stacks = JSON.parse(readFileSync(outputsFile, 'utf8')) as Record<string, Outputs>;
    return Object.assign({}, ...Object.values(stacks)) as Outputs;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An output of the stacks. */
export function outputOf(outputs: Outputs, name: string): string {
  const value = outputs[name];
  if (value === undefined) throw new Error(`the stacks have no output ${name}`);
  return value;
}

async function cdk(emulator: Emulator, cwd: string, args: readonly string[]): Promise<void> {
  const options = { cwd, env: { ...emulator.env }, timeout: DEPLOY_MS_MAX, maxBuffer: 2 ** 26 };
  try {
    await promisify(execFile)(CDK, [...args], options);
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    throw new Error(`cdk ${args[0]} failed: ${`${stdout}${stderr}`.slice(-3000)}`, { cause });
  }
}
