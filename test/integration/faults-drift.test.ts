import { afterEach, describe, expect, it } from '@jest/globals';
import type { StepDraft } from '../../core/action.ts';
import type { CloudRequest } from '../../core/ports/cloud.ts';
import { ACTION_CASES, caseNamed } from './support/action-cases.ts';
import { tasksWith } from './support/deliveries.ts';
import { faultAt } from './support/faults.ts';
import { recreate, remove } from './support/recreate.ts';
import { expectEvidence, expectLocks } from './support/truth.ts';
import { digestsAlong, openTestWorld, type TestWorld } from './support/world.ts';

const worlds: TestWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

const open = (): TestWorld => {
  const world = openTestWorld();
  worlds.push(world);
  return world;
};
const labelOf = (id: string) => (id.includes('Role') ? 'Role' : 'User');
const elsewhere = (id: string) =>
  caseNamed(id.includes('Role') ? 'iam:DeleteUserPolicy' : 'iam:DeleteRolePolicy');
const draftOf = ({ operation, input }: CloudRequest): StepDraft => ({ action: operation, input });
/** The account after calls of its admin. */
const accountAfter = async (steps: readonly StepDraft[]) => (await digestsAlong(steps)).at(-1);

/** Runs a step after one elsewhere; somebody interferes before the task of the second step. */
const runInterfered = async (
  id: string,
  task: string,
  interfere: (world: TestWorld) => unknown,
) => {
  const world = open();
  let isDone = false;
  let after = '';
  const tasks = tasksWith(async (name, { stepIndex }) => {
    if (isDone || name !== task || stepIndex !== 1) return;
    isDone = true;
    await interfere(world);
    after = world.account.digest();
  });
  const steps = [elsewhere(id).step, caseNamed(id).step];
  const ended = await world.run(await world.propose(steps), tasks);
  return { world, ended, after };
};

/** Runs a step and one elsewhere that is refused; somebody interferes before the compensation. */
const runAndInterfere = async (id: string, interfere: (world: TestWorld) => unknown) => {
  const world = open();
  const failing = elsewhere(id);
  const refuse = faultAt(world.clock, { kind: 'refused' }, { isHit: () => true });
  let after = '';
  world.hooks.onCall = async (request, session, call) => {
    if (request.operation !== failing.id) return call();
    await interfere(world);
    after = world.account.digest();
    return refuse(request, session, call);
  };
  const ended = await world.proposeAndRun([caseNamed(id).step, failing.step]);
  return { world, ended, after };
};

describe.each(ACTION_CASES.map((one) => [one.id, one] as const))('%s', (id, one) => {
  it('is not made when somebody changed its edge since preflight', async () => {
    const { world, ended } = await runInterfered(id, 'Authorize', (at) =>
      at.outside(one.otherBefore),
    );

    expect(ended).toMatchObject({
      status: 'compensated',
      reason: { code: 'failed', detail: 'drift', stepIndex: 1 },
    });
    expect(await world.ports.store.claims(ended.id)).toHaveLength(2);
    expect(world.account.digest()).toBe(await accountAfter([draftOf(one.otherBefore)]));
    await expectLocks(world, ended);
    await expectEvidence(world, ended);
  });

  it('is not made on another principal of the same name', async () => {
    const { world, ended } = await runInterfered(id, 'Authorize', (at) =>
      recreate(at, labelOf(id)),
    );

    expect(ended).toMatchObject({ status: 'compensated', reason: { code: 'failed' } });
    const calls = world.account.mutations();
    const created = calls.findIndex((call) => call.operation === `iam:Create${labelOf(id)}`);
    const later = calls.slice(created + 1).map((call) => call.operation);
    expect(later).toEqual([elsewhere(id).id.replace('Delete', 'Put')]);
    await expectLocks(world, ended);
    await expectEvidence(world, ended);
  });

  it('made on another principal of the same name is never committed', async () => {
    const { world, ended } = await runInterfered(id, 'Verify', (at) => recreate(at, labelOf(id)));

    expect(ended.status).toBe('stuck');
    await expectLocks(world, ended);
    await expectEvidence(world, ended);
  });

  it('that is recreated between decision and effect is never committed', async () => {
    const { world, ended, after } = await runInterfered(id, 'Execute', (at) =>
      recreate(at, labelOf(id)),
    );

    // Either the target refused the call, or it took it and Verify sees that it is another one.
    const [, own] = await world.ports.store.claims(ended.id);
    const isRefused = own?.answer === 'refused';
    expect(ended.status).toBe(isRefused ? 'compensated' : 'stuck');
    if (!isRefused) expect(world.account.digest()).not.toBe(after);
    await expectLocks(world, ended);
    await expectEvidence(world, ended);
  });

  it.each([
    ['recreated', recreate],
    ['deleted', remove],
  ] as const)('is stuck, its principal untouched, when that was %s', async (_what, interfere) => {
    const { world, ended, after } = await runAndInterfere(id, (at) => interfere(at, labelOf(id)));

    expect(ended).toMatchObject({ status: 'stuck', reason: { stepIndex: 0 } });
    expect(world.account.digest()).toBe(after);
    await expectLocks(world, ended);
    await expectEvidence(world, ended);
  });
});

describe.each(
  ACTION_CASES.flatMap(({ id, otherAfter }) =>
    otherAfter === undefined ? [] : [[id, otherAfter] as const],
  ),
)('%s, whose edge somebody changed after it', (id, otherAfter) => {
  it('is stuck before its compensation, and the change stays', async () => {
    const { world, ended, after } = await runAndInterfere(id, (at) => at.outside(otherAfter));

    expect(ended).toMatchObject({ status: 'stuck', reason: { stepIndex: 0 } });
    const claims = await world.ports.store.claims(ended.id);
    expect(claims.map((claim) => claim.kind)).toEqual(['apply', 'apply']);
    expect(world.account.digest()).toBe(after);
    expect(after).toBe(await accountAfter([caseNamed(id).step, draftOf(otherAfter)]));
    await expectLocks(world, ended);
    await expectEvidence(world, ended);
  });

  it('is not verified, and stuck', async () => {
    const { world, ended, after } = await runInterfered(id, 'Verify', (at) =>
      at.outside(otherAfter),
    );

    expect(ended).toMatchObject({
      status: 'stuck',
      reason: { detail: 'not-as-predicted', stepIndex: 1 },
    });
    expect(world.account.digest()).toBe(after);
    await expectLocks(world, ended);
    await expectEvidence(world, ended);
  });
});
