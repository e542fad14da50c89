import { afterEach, describe, expect, it } from '@jest/globals';
import type { StepDraft } from '../../core/action.ts';
import { ATTEMPTS_MAX } from '../../core/tasks/execute.ts';
import type { Claim } from '../../core/transaction.ts';
import { ACTION_CASES, caseNamed } from './support/action-cases.ts';
import { type Fault, faultAt, REFUSED_CODE } from './support/faults.ts';
import { expectTruthful } from './support/truth.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const EFFECT_MS = 5000;
const worlds: TestWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

/** The step under test after one on the other principal: its failure must undo that one too. */
const planWith = (id: string): readonly StepDraft[] => {
  const first = id.includes('Role') ? 'iam:DetachUserPolicy' : 'iam:DetachRolePolicy';
  return [caseNamed(first).step, caseNamed(id).step];
};
const runWith = async (id: string, fault: Fault, times?: number) => {
  const world = openTestWorld();
  worlds.push(world);
  world.hooks.onCall = faultAt(world.clock, fault, {
    isHit: (request) => request.operation === id,
    ...(times === undefined ? {} : { times }),
  });
  const steps = planWith(id);
  const ended = await world.proposeAndRun(steps);
  const claims = await world.ports.store.claims(ended.id);
  return { world, steps, ended, own: claims.filter((one) => one.stepIndex === 1) };
};
const answers = (claims: readonly Claim[]) => claims.map((one) => one.answer);
/** How often the target took the call. */
const effects = (world: TestWorld, id: string): number =>
  world.account
    .mutations()
    .filter((one) => one.operation === id && JSON.stringify(one.answer) === '{}').length;

describe.each(ACTION_CASES.map((one) => one.id))('an effect of %s', (id) => {
  it('that does not get through in all attempts is given up and everything is compensated', async () => {
    const { world, steps, ended, own } = await runWith(id, { kind: 'transient' }, ATTEMPTS_MAX);

    expect(ended).toMatchObject({
      status: 'compensated',
      reason: { code: 'failed', detail: 'throttled', stepIndex: 1 },
    });
    expect(own.filter((one) => one.kind === 'apply')).toHaveLength(ATTEMPTS_MAX);
    await expectTruthful(world, ended, steps);
  });

  it('that the target refuses is not repeated and everything is compensated', async () => {
    const { world, steps, ended, own } = await runWith(id, { kind: 'refused' });

    expect(ended).toMatchObject({
      status: 'compensated',
      reason: { code: 'failed', detail: REFUSED_CODE, stepIndex: 1 },
    });
    expect(answers(own)).toEqual(['refused']);
    await expectTruthful(world, ended, steps);
  });

  it.each([
    ['is throttled once', { kind: 'transient' }],
    ['is lost on its way', { kind: 'lost' }],
  ] as const)('that %s is made under a new decision', async (_what, fault) => {
    const { world, steps, ended, own } = await runWith(id, fault, 1);

    expect(ended.status).toBe('committed');
    expect(answers(own)).toEqual(['not-applied', 'applied']);
    expect(new Set(own.map((one) => one.decisionId)).size).toBe(2);
    expect(effects(world, id)).toBe(1);
    await expectTruthful(world, ended, steps);
  });

  it.each([
    ['at once', { kind: 'done-lost' }],
    ['a second later', { kind: 'late', lateMs: 1000 }],
    ['just before the deadline', { kind: 'late', lateMs: EFFECT_MS - 1 }],
  ] as const)('without an answer, done %s, is recovered', async (_when, fault) => {
    const { world, steps, ended, own } = await runWith(id, fault, 1);

    expect(ended.status).toBe('committed');
    expect(answers(own)).toEqual(['recovered']);
    expect(effects(world, id)).toBe(1);
    await expectTruthful(world, ended, steps);
  });

  it('that arrives after its deadline is refused by the target', async () => {
    const late = { kind: 'late', lateMs: EFFECT_MS + 1 } as const;
    const { world, steps, ended, own } = await runWith(id, late, 1);

    await world.clock.sleep(EFFECT_MS);

    expect(world.clock.pending()).toBe(0);
    expect(ended.status).toBe('committed');
    expect(answers(own)).toEqual(['not-applied', 'applied']);
    expect(world.account.mutations().at(-1)?.answer).toMatchObject({
      error: { code: 'AccessDenied' },
    });
    expect(effects(world, id)).toBe(1);
    await expectTruthful(world, ended, steps);
  });

  it('without an answer is compensated when the next step fails', async () => {
    const { id: failing, step } = caseNamed(
      id.includes('Role') ? 'iam:DeleteUserPolicy' : 'iam:DeleteRolePolicy',
    );
    const world = openTestWorld();
    worlds.push(world);
    const { onCall: pass } = world.hooks;
    const lose = faultAt(
      world.clock,
      { kind: 'done-lost' },
      {
        isHit: (request) => request.operation === id,
        times: 1,
      },
    );
    const refuse = faultAt(world.clock, { kind: 'refused' }, { isHit: () => true });
    world.hooks.onCall = (request, session, call) => {
      const on = request.operation === failing ? refuse : request.operation === id ? lose : pass;
      return on(request, session, call);
    };
    const steps = [caseNamed(id).step, step];

    const ended = await world.proposeAndRun(steps);

    expect(ended).toMatchObject({ status: 'compensated', reason: { stepIndex: 1 } });
    expect(effects(world, id)).toBeGreaterThanOrEqual(1);
    await expectTruthful(world, ended, steps);
  });
});
