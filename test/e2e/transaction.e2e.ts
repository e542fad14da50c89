import { randomUUID } from 'node:crypto';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { executionName } from '../../adapters/aws/runner.ts';
import { type IamProxy, openIamProxy } from './iam-proxy.ts';
import {
  ended,
  historyOf,
  iamState,
  invoke,
  makeRoles,
  narrowingPlan,
  openWorld,
  outputOf,
  reconfigure,
  type World,
} from './world.ts';

/** Acceptance: a transaction of five steps. */
const TRANSITIONS_MAX = 28;

let world: World;
let proxy: IamProxy;
beforeAll(async () => {
  world = await openWorld();
  proxy = await openIamProxy(world.emulator.endpoint);
  await reconfigure(world, 'execute', { variables: { AWS_ENDPOINT_URL_IAM: proxy.endpoint } });
});
afterAll(async () => {
  await proxy.close();
  await world.stop();
});

async function propose(plan: object, idempotencyKey: string = randomUUID()) {
  const event = { plan: JSON.stringify(plan), idempotencyKey, actor: 'agent:iam-auditor' };
  return invoke(world, 'propose', event);
}

async function executions() {
  const stateMachineArn = outputOf(world.outputs, 'TransactionMachine');
  return (await world.sfn.send(new ListExecutionsCommand({ stateMachineArn }))).executions ?? [];
}

describe('a transaction on Step Functions', () => {
  it('is refused by a fresh deployment, which is halted', async () => {
    const proposed = await propose(narrowingPlan(await makeRoles(world, 1)));

    expect(proposed.error).toBe('HaltedError');
    expect(await executions()).toEqual([]);
  });

  it('commits five steps, and IAM shows them', async () => {
    await world.setKillSwitch('running');
    const roles = await makeRoles(world, 5);

    const { answer } = await propose(narrowingPlan(roles));

    const transaction = await ended(world, String(answer?.['transactionId']), 'committed');
    const history = await historyOf(world, executionName(transaction));
    const entered = history.filter(({ type }) => type?.endsWith('StateEntered')).length;
    console.log(`5 steps: ${entered} state transitions`);
    expect(entered).toBeLessThanOrEqual(TRANSITIONS_MAX);
    expect(proxy.calls).toEqual(roles.map((role) => `PutRolePolicy ${role}`));
  });

  it('compensates when IAM refuses the fourth step, and IAM is as before', async () => {
    const roles = await makeRoles(world, 5);
    const before = await iamState(world);
    proxy.plan('PutRolePolicy', roles[3] ?? '', { kind: 'refuse', code: 'LimitExceeded' });

    const { answer } = await propose(narrowingPlan(roles));

    const transaction = await ended(world, String(answer?.['transactionId']), 'compensated');
    expect(transaction.reason).toMatchObject({ code: 'failed', stepIndex: 3 });
    expect(await iamState(world)).toBe(before);
  });

  it('is one execution for one key, proposed twice at once', async () => {
    const plan = narrowingPlan(await makeRoles(world, 1));
    const key = randomUUID();
    const known = (await executions()).length;

    const both = await Promise.all([propose(plan, key), propose(plan, key)]);

    const [first, second] = both.map(({ answer }) => String(answer?.['transactionId']));
    expect(first).toBe(second);
    await ended(world, first ?? '', 'committed');
    expect((await executions()).length).toBe(known + 1);
  });
});
