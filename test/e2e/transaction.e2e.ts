import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { executionName } from '../../adapters/aws/runner.ts';
import type { Client } from '../../api/client.ts';
import type { Plan } from '../../core/plan.ts';
import { agentClient, operatorClient } from './callers.ts';
import { policyOf } from './emulator/account.ts';
import { untilHolds } from './emulator/until.ts';
import { openFaultyWorld } from './faulty-world.ts';
import type { IamProxy } from './iam-proxy.ts';
import { ended, historyOf, iamState, makeRoles, narrowingPlan, type World } from './world.ts';

const ADMINISTRATOR = policyOf({ Effect: 'Allow', Action: 'iam:*', Resource: '*' });
/** Acceptance: a transaction of five steps. */
const TRANSITIONS_MAX = 28;

let world: World;
let proxy: IamProxy;
let stop: () => Promise<void>;
let agent: Client;
let alice: Client;
let bob: Client;
beforeAll(async () => {
  ({ world, proxy, stop } = await openFaultyWorld());
  agent = await agentClient(world, 'iam-auditor');
  alice = await operatorClient(world, 'alice');
  bob = await operatorClient(world, 'bob');
  await world.setKillSwitch('running');
});
afterAll(() => stop());

describe('a transaction on Step Functions', () => {
  it('commits five steps, and IAM shows them', async () => {
    const roles = await makeRoles(world, 5);

    const { transaction: proposed } = await agent.propose(narrowingPlan(roles));

    const transaction = await ended(world, proposed.id, 'committed');
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

    const { transaction: proposed } = await agent.propose(narrowingPlan(roles));

    const transaction = await ended(world, proposed.id, 'compensated');
    expect(transaction.reason).toMatchObject({ code: 'failed', stepIndex: 3 });
    expect(await iamState(world)).toBe(before);
  });
});

describe('a plan that policy denies at preflight', () => {
  it('ends rejected with the ids, without claim, session for an effect, or lock', async () => {
    const [role = ''] = await makeRoles(world, 1);
    const before = await iamState(world);
    const calls = proxy.calls.length;
    const [step] = narrowingPlan([role]).steps;
    const widening = { ...step?.input, PolicyDocument: ADMINISTRATOR };
    const plan = { ...narrowingPlan([role]), steps: [{ ...step, input: widening } as typeof step] };

    const { transaction: proposed } = await agent.propose(plan as Plan);

    const detail = await agent.wait(proposed.id);
    expect(detail.transaction.status).toBe('rejected');
    const records = (await world.store.records(`tx:${proposed.id}`)).map((one) =>
      Buffer.from(one).toString(),
    );
    expect(records.some((one) => one.includes('no-step-may-widen'))).toBe(true);
    expect(records.some((one) => one.includes('"kind":"vended"'))).toBe(false);
    expect(await world.store.claims(proposed.id)).toEqual([]);
    const { prepared = [] } = (await world.store.load(proposed.id)) ?? {};
    for (const resource of prepared.flatMap((one) => one.resources))
      expect(await world.store.lockHolder(resource)).toBeUndefined();
    expect(proxy.calls).toHaveLength(calls);
    expect(await iamState(world)).toBe(before);
  });
});

describe('an operator', () => {
  it('has a committed transaction undone, once another operator approves', async () => {
    const roles = await makeRoles(world, 2);
    const before = await iamState(world);
    const { transaction: proposed } = await agent.propose(narrowingPlan(roles));
    await ended(world, proposed.id, 'committed');

    const { transaction: undoing } = await alice.undo(proposed.id);

    const waiting = await alice.wait(undoing.id);
    expect(waiting.transaction.status).toBe('awaiting-approval');
    const { planDigest = '', dryRunDigest = '' } = waiting.transaction.approval ?? {};
    const seen = { planDigest, dryRunDigest };
    await expect(alice.approve(undoing.id, seen)).rejects.toMatchObject({ code: 'self-approval' });
    await bob.approve(undoing.id, seen);
    await ended(world, undoing.id, 'committed');
    expect(await iamState(world)).toBe(before);
  });

  it('cancels a transaction, which is then compensated', async () => {
    const roles = await makeRoles(world, 3);
    const before = await iamState(world);
    proxy.plan('PutRolePolicy', roles[1] ?? '', { kind: 'hold-answer', ms: 1500 });
    const { transaction: proposed } = await agent.propose(narrowingPlan(roles));
    await untilHolds(() => proxy.calls.includes(`PutRolePolicy ${roles[1]}`));

    await alice.cancel(proposed.id);

    const transaction = await ended(world, proposed.id, 'compensated');
    expect(transaction.reason).toMatchObject({ code: 'cancelled' });
    expect(await iamState(world)).toBe(before);
  });

  it('ends a stuck transaction, whose locks are kept until then', async () => {
    const roles = await makeRoles(world, 3);
    const [first = '', second = ''] = roles;
    proxy.plan('PutRolePolicy', second, { kind: 'hold-answer', ms: 1500 });
    const { transaction: proposed } = await agent.propose(narrowingPlan(roles));
    await untilHolds(() => proxy.calls.includes(`PutRolePolicy ${second}`));
    // A third party changes what the first step has made, and the plan is cancelled.
    const theirs = { RoleName: first, PolicyName: 'wide', PolicyDocument: ADMINISTRATOR };
    await world.iam.send(new PutRolePolicyCommand(theirs));
    await alice.cancel(proposed.id);
    const stuck = await ended(world, proposed.id, 'stuck');
    const [resource = ''] = stuck.prepared?.[0]?.resources ?? [];
    expect(await world.store.lockHolder(resource)).toBe(proposed.id);

    await alice.resolve(proposed.id, { as: 'restored', reason: 'looked at by hand' });

    await untilHolds(async () => (await world.store.lockHolder(resource)) === undefined);
    expect((await world.store.load(proposed.id))?.resolution).toMatchObject({ as: 'restored' });
  });
});
