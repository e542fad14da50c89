import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { APPROVAL_MS } from '../../core/approval.ts';
import { halt } from '../../core/tasks/halt.ts';
import { preflight } from '../../core/tasks/preflight.ts';
import { undo } from '../../core/tasks/undo.ts';
import type { Transaction } from '../../core/transaction.ts';
import { ALICE, approveSeen, BOB, openUndo } from './support/approving.ts';
import { policiesAsking, shippedPolicies } from './support/policies.ts';
import { expectEvidence } from './support/truth.ts';
import { OPERATOR, openTestWorld, type TestWorld } from './support/world.ts';

let world: TestWorld;
beforeEach(() => {
  world = openTestWorld();
});
afterEach(() => world.close());

/** Runs what was approved and holds that it ended rejected, with nothing done. */
async function expectRejected(approved: Transaction, detail: string): Promise<void> {
  const digest = world.account.digest();
  const mutations = world.account.mutations().length;

  const ended = await world.run(approved);

  expect(ended).toMatchObject({ status: 'rejected', reason: { detail }, sealed: true });
  expect([world.account.digest(), world.account.mutations().length]).toEqual([digest, mutations]);
  expect(await world.ports.store.claims(ended.id)).toEqual([]);
  await expectEvidence(world, ended);
}

describe('an approved run is rejected', () => {
  test('when the state it was approved on has changed', async () => {
    const { done, waiting } = await openUndo(world);
    const approved = await approveSeen(world.ports, ALICE, waiting);
    const step = waiting.plan.steps[0] as Transaction['plan']['steps'][number];
    expect(done.status).toBe('committed');
    await world.outside({ operation: step.action, input: step.input as never });

    await expectRejected(approved, 'approval-drifted');
  });

  test('when something else about its target has changed', async () => {
    const { waiting } = await openUndo(world);
    const approved = await approveSeen(world.ports, ALICE, waiting);
    const input = waiting.plan.steps[0]?.input as { readonly RoleName: string };
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }],
    });
    await world.outside({
      operation: 'iam:PutRolePolicy',
      input: { RoleName: input.RoleName, PolicyName: 'aside', PolicyDocument },
    });

    await expectRejected(approved, 'approval-drifted');
  });

  test('when the approval has expired before it began', async () => {
    world.close();
    world = openTestWorld({ timing: { approvalMs: 60_000 } });
    const { waiting } = await openUndo(world);
    const approved = await approveSeen(world.ports, ALICE, waiting);
    await world.clock.sleep(60_000);

    await expectRejected(approved, 'approval-expired');
  });

  test('when the approval expires while the dry run is repeated', async () => {
    world.close();
    let isSlow = false;
    world = openTestWorld({
      timing: { approvalMs: 60_000 },
      onCall: async (_request, _session, call) => {
        if (isSlow) await world.clock.sleep(60_000);
        return call();
      },
    });
    const { waiting } = await openUndo(world);
    const approved = await approveSeen(world.ports, ALICE, waiting);
    isSlow = true;

    await expectRejected(approved, 'approval-expired');
  });

  test('when the policies are others than those that asked', async () => {
    const { waiting } = await openUndo(world);
    const approved = await approveSeen(world.ports, ALICE, waiting);
    const ports = { ...world.ports, decisionPoint: shippedPolicies() };
    expect(ports.decisionPoint.policySetDigest).not.toBe(world.ports.decisionPoint.policySetDigest);
    world = { ...world, run: world.runWith(ports) };

    await expectRejected(approved, 'approval-policy-changed');
  });

  test('when the plan in the store is not the approved one', async () => {
    const { waiting } = await openUndo(world);
    const approved = await approveSeen(world.ports, ALICE, waiting);
    const { store } = world.ports;
    const edited = async (id: string) => {
      const row = (await store.load(id)) as Transaction;
      return { ...row, plan: { ...row.plan, purpose: 'another' } };
    };
    world = { ...world, run: world.runWith({ ...world.ports, store: { ...store, load: edited } }) };

    await expectRejected(approved, 'approval-mismatch');
  });

  test('when the kill switch was engaged after the approval', async () => {
    const { waiting } = await openUndo(world);
    const approved = await approveSeen(world.ports, ALICE, waiting);
    const wanted = { operator: OPERATOR, scope: 'all', mode: 'halt', reason: 'a test' } as const;
    await halt(world.ports, wanted);

    await expectRejected(approved, 'halt');
  });
});

test('an approval under other policies than those that asked is refused', async () => {
  const { waiting } = await openUndo(world);
  const ports = { ...world.ports, decisionPoint: shippedPolicies() };

  const approved = approveSeen(ports, ALICE, waiting);

  await expect(approved).rejects.toMatchObject({ code: 'approval-policy-changed' });
  expect(await world.load(waiting.id)).toEqual(waiting);
});

test('an approval does not count under policies that changed in the middle of its run', async () => {
  const { waiting, before } = await openUndo(world);
  const { id, epoch } = await approveSeen(world.ports, ALICE, waiting);
  const start = { transactionId: id, epoch, owner: 'test:1:gone', leaseUntil: 0 };
  const started = await world.ports.store.start(start);
  const state = { transactionId: id, epoch: started.epoch, stepIndex: 0, next: 'preflight' };
  const next = await preflight(world.ports, state);

  const other = world.runWith({ ...world.ports, decisionPoint: shippedPolicies() });
  const ended = await other(await world.load(id));

  expect(next.next).toBe('authorize');
  expect(ended).toMatchObject({ status: 'rejected', reason: { detail: 'approval-required' } });
  expect(world.account.digest()).not.toBe(before);
  await expectEvidence(world, ended);
});

test('the second undo of one transaction is not the one that was approved any more', async () => {
  const { done, waiting } = await openUndo(world);
  const second = await world.run((await undo(world.ports, ALICE, done.id)).transaction);
  await world.run(await approveSeen(world.ports, ALICE, waiting));
  const approved = await approveSeen(world.ports, BOB, second);

  await expectRejected(approved, 'approval-drifted');
});

test('an approval that a freeze parked runs after the release', async () => {
  const { waiting, before } = await openUndo(world);
  const approved = await approveSeen(world.ports, ALICE, waiting);
  const move = (mode: 'freeze' | 'running') =>
    halt(world.ports, { operator: OPERATOR, scope: 'all', mode, reason: 'a test' });
  await move('freeze');
  const parked = await world.run(approved);
  await move('running');

  const ended = await world.run(parked);

  expect([parked.status, ended.status]).toEqual(['parked', 'committed']);
  expect(world.account.digest()).toBe(before);
  await expectEvidence(world, ended);
});

test('an approval holds for a day, and never beyond the deadline of the plan', async () => {
  const { waiting } = await openUndo(world);
  await world.clock.sleep(1000);

  const { approval, createdAt, plan } = await approveSeen(world.ports, ALICE, waiting);

  expect(plan.deadlineMs).toBe(APPROVAL_MS);
  expect(approval?.given[0]?.expiresAt).toBe(createdAt + plan.deadlineMs);
});

describe('a forbid that asks for two approvals', () => {
  beforeEach(() => {
    world.close();
    const timing = { approvalMs: 60_000 };
    world = openTestWorld({ decisionPoint: policiesAsking(2), timing });
  });

  test('waits on after the first, and runs after the second', async () => {
    const { waiting, before } = await openUndo(world);

    const first = await approveSeen(world.ports, ALICE, waiting);
    const still = await world.run(first);
    const second = await approveSeen(world.ports, BOB, waiting);
    const ended = await world.run(second);

    expect(first).toMatchObject({ status: 'awaiting-approval', approval: { needed: 2 } });
    expect(still.status).toBe('awaiting-approval');
    expect(second.approval?.given.map(({ by }) => by)).toEqual(['operator:alice', 'operator:bob']);
    expect(ended.status).toBe('committed');
    expect(world.account.digest()).toBe(before);
    const decisions = await world.ports.store.decisions(ended.id);
    expect(decisions.map((one) => one.approvals)).toEqual([2]);
    await expectEvidence(world, ended);
  });

  test('takes both when they are given at once', async () => {
    const { waiting } = await openUndo(world);

    await Promise.all([ALICE, BOB].map((one) => approveSeen(world.ports, one, waiting)));

    const { status, approval } = await world.load(waiting.id);
    expect([status, approval?.given.length]).toEqual(['proposed', 2]);
  });

  test('does not count one operator twice', async () => {
    const { waiting } = await openUndo(world);
    const first = await approveSeen(world.ports, ALICE, waiting);

    const again = approveSeen(world.ports, ALICE, waiting);

    await expect(again).rejects.toMatchObject({ code: 'already-approved' });
    expect(await world.load(waiting.id)).toEqual(first);
    await world.clock.sleep(world.ports.timing.leaseMs + 1);
    expect(await world.controlPlane.lost()).toEqual([]);
  });

  test('does not count an approval that has expired, and takes it again', async () => {
    const { waiting } = await openUndo(world);
    await approveSeen(world.ports, ALICE, waiting);
    await world.clock.sleep(60_000);

    const bob = await approveSeen(world.ports, BOB, waiting);
    const both = await approveSeen(world.ports, ALICE, waiting);
    const ended = await world.run(both);

    expect([bob.status, bob.approval?.given.length]).toEqual(['awaiting-approval', 1]);
    expect([both.status, ended.status]).toEqual(['proposed', 'committed']);
    await expectEvidence(world, ended);
  });
});
