import { afterEach, describe, expect, it } from '@jest/globals';
import { resolve } from '../../core/tasks/resolve.ts';
import { INVERSE_CALLS_MAX } from '../../core/tasks/restore.ts';
import { ACTION_CASES, caseNamed } from './support/action-cases.ts';
import { type Fault, goWrong } from './support/faults.ts';
import { expectEvidence, expectLocks, expectTruthful } from './support/truth.ts';
import { OPERATOR, openTestWorld, type TestWorld } from './support/world.ts';

const worlds: TestWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

/** The step under test, then one on the other principal that is refused: the first is compensated. */
const planWith = (id: string) => {
  const failing = id.includes('Role') ? 'iam:DeleteUserPolicy' : 'iam:DeleteRolePolicy';
  return { failing, steps: [caseNamed(id).step, caseNamed(failing).step] };
};

/** Something that anybody could want of the same principal, whatever state it is in. */
const otherPlanOn = (id: string) =>
  caseNamed(id.includes('Role') ? 'iam:AttachRolePolicy' : 'iam:AttachUserPolicy').step;

/** Lets inverse calls of the step go wrong, `times` in a row. */
const openFailing = (failing: string, fault: Fault, times = Number.POSITIVE_INFINITY) => {
  const world = openTestWorld();
  worlds.push(world);
  let left = times;
  let inverses = 0;
  world.hooks.onCall = async (request, session, call) => {
    if (!session.isEffect) return call();
    if (request.operation === failing) return goWrong({ kind: 'refused' }, world.clock, call);
    const claims = await world.ports.store.claims(session.transactionId);
    const claim = claims.find((one) => one.attemptId === session.purpose);
    if (claim?.kind !== 'compensate') return call();
    inverses += 1;
    if (left === 0) return call();
    left -= 1;
    return goWrong(fault, world.clock, call);
  };
  return { world, inverses: () => inverses };
};

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['throttled', { kind: 'transient' }],
  ['refused', { kind: 'refused' }],
  ['lost', { kind: 'lost' }],
  ['done without an answer', { kind: 'done-lost' }],
  ['done late without an answer', { kind: 'late', lateMs: 4000 }],
];

describe.each(ACTION_CASES.map((one) => one.id))('the inverse of %s', (id) => {
  it.each(FAULTS)('is repeated when it is %s', async (_what, fault) => {
    const { failing, steps } = planWith(id);
    const { world, inverses } = openFailing(failing, fault, 2);

    const ended = await world.proposeAndRun(steps);

    expect(ended).toMatchObject({ status: 'compensated', reason: { stepIndex: 1 } });
    expect(inverses()).toBe(3);
    await expectTruthful(world, ended, steps);
  });

  it.each(FAULTS)('that is %s every time ends stuck, until it is resolved', async (_, fault) => {
    const { failing, steps } = planWith(id);
    const { world, inverses } = openFailing(failing, fault);
    const operator = { type: 'Operator', id: OPERATOR } as const;

    const stuck = await world.proposeAndRun(steps);
    const calls = inverses();
    await expectLocks(world, stuck);
    await expectEvidence(world, stuck);
    world.hooks.onCall = (_request, _session, call) => call();
    const refused = await world.proposeAndRun([otherPlanOn(id)]);
    const wanted = { id: stuck.id, as: 'applied', reason: 'looked at it' } as const;
    const resolved = await world.run(await resolve(world.ports, operator, wanted));
    const [holder] = stuck.prepared?.[0]?.resources ?? [];

    expect(stuck).toMatchObject({ status: 'stuck', reason: { code: 'failed', stepIndex: 0 } });
    expect(calls).toBe(INVERSE_CALLS_MAX);
    expect(refused).toMatchObject({
      status: 'rejected',
      reason: { code: 'conflict', detail: 'resource-locked', holder: stuck.id },
    });
    expect(resolved).toMatchObject({
      status: 'stuck',
      sealed: true,
      resolution: { as: 'applied' },
    });
    expect(await world.ports.store.lockHolder(holder ?? '')).toBeUndefined();
    await expectEvidence(world, resolved);
    await expectEvidence(world, refused);
  });

  it('that was interrupted has as many calls again in the next execution', async () => {
    const { failing, steps } = planWith(id);
    const calls = INVERSE_CALLS_MAX - 1;
    const { world, inverses } = openFailing(failing, { kind: 'lost' }, calls * 2 - 1);
    const controller = new AbortController();
    const pass = world.hooks.onCall;
    world.hooks.onCall = (request, session, call) => {
      if (session.isEffect && inverses() === calls - 1) controller.abort();
      return pass(request, session, call);
    };
    const transaction = await world.propose(steps);

    const interrupted = await world.controlPlane.run(transaction, controller.signal);
    const made = inverses();
    const ended = await world.run(await world.load(transaction.id));

    expect([interrupted, made]).toEqual(['interrupted', calls]);
    expect(inverses()).toBe(calls * 2);
    expect(ended).toMatchObject({ status: 'compensated', epoch: 2 });
    await expectTruthful(world, ended, steps);
  });
});
