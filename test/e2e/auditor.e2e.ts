import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../../api/client.ts';
import { endpointOf, operatorClient } from './callers.ts';
import { redeploy } from './deployment.ts';
import { ACCOUNT } from './emulator/account.ts';
import { accountDigest, accountState } from './emulator/account-state.ts';
import { clientOptions } from './emulator/emulator.ts';
import { seedAccount } from './emulator/seed.ts';
import { untilHolds } from './emulator/until.ts';
import { openFaultyWorld, pointAtProxy } from './faulty-world.ts';
import type { IamProxy } from './iam-proxy.ts';
import { deployOtherPolicies } from './other-policies.ts';
import { sampleAccount } from './sample-account.ts';
import { ended, outputOf, reconfigure, WIDE, type World } from './world.ts';

/** After a deployment, and soon: audits that come every minute would overlap on a slow machine. */
const SOON_MS = 20_000;
/** An audit of a small account takes less. */
const AUDIT_MS_MAX = 150_000;

let world: World;
let alice: Client;
let proxy: IamProxy;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ world, proxy, stop } = await openFaultyWorld({
    auditor: { mode: 'propose', schedule: 'off' },
  }));
  await pointAtEmulator();
  await seedAccount(world.emulator, sampleAccount());
  alice = await operatorClient(world, 'alice');
  await alice.moveKillSwitch({ scope: 'all', mode: 'running', reason: 'the first audit' });
});
afterAll(() => stop());

/** The address of the API on AWS leads nowhere here. */
async function pointAtEmulator(): Promise<void> {
  for (const entry of ['propose', 'apply', 'rollback'])
    await reconfigure(world, entry, { variables: { AGENT_API: endpointOf(world, 'AgentApi') } });
  await pointAtProxy(world, proxy);
}

/** Runs one audit as the schedule does; how it ended, and its id. */
async function audit(mode: string) {
  const stateMachineArn = outputOf(world.outputs, 'AuditMachine');
  const input = { auditId: '', accountId: ACCOUNT, mode, index: 0, next: 'enumerate' };
  const start = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) });
  const { executionArn } = await world.sfn.send(start);
  return auditOf(executionArn);
}

async function auditOf(executionArn: string | undefined) {
  const describe = new DescribeExecutionCommand({ executionArn });
  await untilHolds(async () => (await world.sfn.send(describe)).status !== 'RUNNING', AUDIT_MS_MAX);
  const { status, error, output, cause } = await world.sfn.send(describe);
  return { status, error, cause, auditId: JSON.parse(output ?? '{}').auditId as string };
}

async function documentOf(auditId: string, name: string) {
  const client = new S3Client({ ...clientOptions(world.emulator), forcePathStyle: true });
  const Bucket = outputOf(world.outputs, 'AuditBucket');
  const Key = `audits/${auditId}/${name}.json`;
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return JSON.parse((await Body?.transformToString()) ?? '');
}

async function waiting() {
  return (await alice.listTransactions({ status: 'awaiting-approval' })).transactions;
}

async function roleState(name: string) {
  const state = await accountState(world.emulator);
  return Object.entries(state).find(([arn]) => arn.endsWith(`/${name}`));
}

/** What an operator has seen of a transaction that waits. */
async function seen(id: string) {
  const { approval } = (await alice.readTransaction(id)).transaction;
  if (approval === undefined) throw new Error(`${id} waits for nothing`);
  const { planDigest, dryRunDigest } = approval;
  return { planDigest, dryRunDigest };
}

describe('the scheduled auditor in mode propose', () => {
  it('is started by its schedule, and its plans wait for a person', async () => {
    const stateMachineArn = outputOf(world.outputs, 'AuditMachine');
    const list = new ListExecutionsCommand({ stateMachineArn });
    const at = new Date(Date.now() + SOON_MS).toISOString().slice(0, 19);

    await redeploy(world.emulator, { auditor: { mode: 'propose', schedule: `at(${at})` } });
    await pointAtEmulator();
    const before = await accountDigest(world.emulator);
    await untilHolds(
      async () => ((await world.sfn.send(list)).executions ?? []).length > 0,
      AUDIT_MS_MAX,
    );

    const [first] = (await world.sfn.send(list)).executions ?? [];
    const scheduled = await auditOf(first?.executionArn);
    const { plans, findings } = await documentOf(scheduled.auditId, 'report');
    console.log(`by schedule: ${findings.length} findings, ${plans.length} plans`);
    expect(scheduled.status).toBe('SUCCEEDED');
    expect(plans.length).toBeGreaterThan(4);
    expect((await waiting()).length).toBe(plans.length);
    expect(await accountDigest(world.emulator)).toBe(before);
  });

  it('finds its own waiting plans again, and proposes none twice', async () => {
    const known = (await waiting()).map(({ id }) => id);

    const again = await audit('propose');

    expect(again.status).toBe('SUCCEEDED');
    expect((await waiting()).map(({ id }) => id)).toEqual(known);
  });

  it('has no plan run that was approved on another state', async () => {
    const drifting = (await waiting()).find(({ purpose }) => purpose.includes('role ci-deploy'));
    const id = drifting?.id ?? '';
    const approval = await seen(id);
    const extra = { RoleName: 'ci-deploy', PolicyName: 'extra', PolicyDocument: WIDE };
    await world.iam.send(new PutRolePolicyCommand(extra));

    await alice.approve(id, approval);

    const rejected = await ended(world, id, 'rejected');
    console.log(JSON.stringify(rejected.reason));
    expect(await codeOf(alice.approve(id, approval))).toBe('not-awaiting-approval');
  });

  it('has no plan approved by cheating', async () => {
    const [first, second, third] = await waiting();
    const approval = await seen(first?.id ?? '');
    const digest = '0'.repeat(64);
    const refusals = [
      // A plan, or a dry run, that is not the one that was looked at.
      await codeOf(alice.approve(first?.id ?? '', { ...approval, planDigest: digest })),
      await codeOf(alice.approve(first?.id ?? '', { ...approval, dryRunDigest: digest })),
      await codeOf(alice.approve(second?.id ?? '', approval)),
    ];

    // Under the policies that asked for it, or not at all.
    const giveBack = await deployOtherPolicies(world, 'api-operator');
    refusals.push(await codeOf(alice.approve(first?.id ?? '', approval)));
    await giveBack();

    // Used before it expires, or not at all.
    await reconfigure(world, 'api-operator', { variables: { APPROVAL_MS: '1' } });
    await alice.approve(third?.id ?? '', await seen(third?.id ?? ''));
    const expired = await ended(world, third?.id ?? '');
    await reconfigure(world, 'api-operator', { variables: { APPROVAL_MS: '600000' } });

    console.log(JSON.stringify({ refusals, expired: expired.reason }));
    const mismatches = Array(3).fill('approval-mismatch');
    expect(refusals).toEqual([...mismatches, 'approval-policy-changed']);
    expect(expired).toMatchObject({ status: 'rejected', reason: { detail: 'approval-expired' } });
  });

  it('has what is approved run, and a second audit of what is fixed proposes nothing', async () => {
    for (let round = 1; round <= 3; round += 1) {
      for (const { id } of await waiting()) {
        await alice.approve(id, await seen(id));
        await ended(world, id, 'committed');
      }
      const { auditId } = await audit('propose');
      const { plans } = await documentOf(auditId, 'report');
      console.log(`round ${round}: ${plans.length} plans left`);
      if (plans.length === 0) return;
    }
    throw new Error('every audit finds something new to propose');
  });

  it('can by no input become the agent whose plans run by themselves', async () => {
    const extra = { RoleName: 'ci-deploy', PolicyName: 'extra-2', PolicyDocument: ADMINISTRATOR };
    await world.iam.send(new PutRolePolicyCommand(extra));
    const before = await accountState(world.emulator);

    const promoted = await audit('apply');

    const { plans } = await documentOf(promoted.auditId, 'report');
    expect(plans.length).toBeGreaterThan(0);
    expect(await accountState(world.emulator)).toEqual(before);
  });
});

describe('the scheduled auditor in mode apply', () => {
  beforeAll(async () => {
    await redeploy(world.emulator, { auditor: { mode: 'apply', schedule: 'off' } });
    await pointAtEmulator();
  });

  it('rolls back when a plan cannot commit, and starts no more', async () => {
    proxy.plan('PutRolePolicy', 'ci-deploy', { kind: 'refuse', code: 'LimitExceeded' });
    proxy.plan('DeleteRolePolicy', 'ci-deploy', { kind: 'refuse', code: 'LimitExceeded' });
    const before = await roleState('ci-deploy');

    const failed = await audit('apply');

    console.log(JSON.stringify(failed));
    expect(failed).toMatchObject({ status: 'FAILED', error: 'RolledBack' });
    expect(await roleState('ci-deploy')).toEqual(before);
  });

  it('applies what policy permits, and then proposes nothing', async () => {
    const applied = await audit('apply');
    const again = await audit('apply');

    const progress = await documentOf(applied.auditId, 'progress');
    console.log(JSON.stringify(progress.ended.map(({ status }: { status: string }) => status)));
    expect(applied.status).toBe('SUCCEEDED');
    expect(progress.ended.length).toBeGreaterThan(0);
    expect((await documentOf(again.auditId, 'report')).plans).toEqual([]);
  });
});

const ADMINISTRATOR = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iam:*', Resource: '*' }],
});

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'accepted',
    (error: { code: string }) => error.code,
  );
}
