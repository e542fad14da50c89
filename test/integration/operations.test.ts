import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadDecisionPoint } from '../../adapters/cedar/decision-point.ts';
import { InvalidInputError, NotFoundError } from '../../core/errors.ts';
import { cancel } from '../../core/tasks/cancel.ts';
import { TASKS } from '../../core/tasks/index.ts';
import { findFor } from '../../core/tasks/operate.ts';
import { propose } from '../../core/tasks/propose.ts';
import { resolve } from '../../core/tasks/resolve.ts';
import { undo } from '../../core/tasks/undo.ts';
import { caseNamed } from './support/action-cases.ts';
import { openTestWorld, planOf, type TestWorld } from './support/world.ts';

const STEPS = [caseNamed('iam:AttachRolePolicy').step, caseNamed('iam:DetachRolePolicy').step];
const OPERATOR = { type: 'Operator', id: 'ops' } as const;

let world: TestWorld;

beforeEach(() => {
  world = openTestWorld({ decisionPoint: loadDecisionPoint('policies') });
});

afterEach(() => world.close());

/** Runs with an act right before the task of the second step. */
const runWith = (act: () => Promise<unknown>, steps = STEPS) =>
  world.propose(steps).then((transaction) =>
    world.run(transaction, {
      ...TASKS,
      async Authorize(ports, state) {
        if (state.stepIndex === 1) await act();
        return (TASKS['Authorize'] as (typeof TASKS)[string])(ports, state);
      },
    }),
  );

describe('cancel', () => {
  test('in the middle compensates what was done', async () => {
    const before = world.account.digest();
    let id = '';

    const ended = await runWith(async () => {
      const { transactions } = await world.ports.store.list({ limit: 1 });
      id = transactions[0]?.id ?? '';
      await cancel(world.ports, OPERATOR, id);
    });

    expect(ended).toMatchObject({ id, status: 'compensated', reason: { code: 'cancelled' } });
    expect(world.account.digest()).toBe(before);
    expect((await world.verifyEvidence(id)).ok).toBe(true);
  });

  test('before the start rejects', async () => {
    const transaction = await world.propose(STEPS);
    await cancel(world.ports, { type: 'Agent', id: 'iam-auditor' }, transaction.id);

    const ended = await world.run(transaction);

    expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } });
    expect(world.account.mutations()).toEqual([]);
  });

  test('of what has ended is refused', async () => {
    const { id } = await world.proposeAndRun(STEPS);

    const cancelled = cancel(world.ports, OPERATOR, id);

    await expect(cancelled).rejects.toMatchObject({ code: 'already-final' });
  });

  test('by another agent does not even see it', async () => {
    const { id } = await world.propose(STEPS);
    const other = { type: 'Agent', id: 'another' } as const;

    await expect(cancel(world.ports, other, id)).rejects.toThrow(NotFoundError);
    await expect(findFor(world.ports, other, id)).rejects.toThrow('there is no transaction');
  });
});

describe('a deadline that passes in the middle', () => {
  test('compensates what was done', async () => {
    const before = world.account.digest();
    const ended = await runWith(() => world.clock.sleep(25 * 60 * 60 * 1000));

    expect(ended).toMatchObject({ status: 'compensated', reason: { code: 'expired' } });
    expect(world.account.digest()).toBe(before);
  });
});

describe('undo', () => {
  test('waits for an approval and changes nothing', async () => {
    const { id } = await world.proposeAndRun(STEPS);
    const after = world.account.digest();

    const { transaction } = await undo(world.ports, OPERATOR, id);
    const ended = await world.run(transaction);

    expect(ended).toMatchObject({ status: 'awaiting-approval', undoOf: id });
    // A person has a day, however short the plan's own deadline was.
    expect(ended.plan.deadlineMs).toBe(24 * 60 * 60 * 1000);
    expect(ended.plan.steps.map(({ action }) => action)).toEqual([
      'iam:AttachRolePolicy',
      'iam:DetachRolePolicy',
    ]);
    expect(world.account.digest()).toBe(after);
    expect(await world.verifyEvidence(ended.id)).toMatchObject({
      integrity: { ok: true },
      complete: { ok: false },
    });
    expect(await world.controlPlane.lost()).toEqual([]);
  });

  test('twice is one transaction', async () => {
    const { id } = await world.proposeAndRun(STEPS);

    const one = await undo(world.ports, OPERATOR, id);
    const two = await undo(world.ports, OPERATOR, id);

    expect([two.transaction.id, two.isNew]).toEqual([one.transaction.id, false]);
  });

  test('that waits can be cancelled', async () => {
    const { id } = await world.proposeAndRun(STEPS);
    const { transaction } = await undo(world.ports, OPERATOR, id);
    const waiting = await world.run(transaction);
    await cancel(world.ports, OPERATOR, waiting.id);

    const [lost] = await world.controlPlane.lost();
    const ended = await world.run(lost ?? waiting);

    expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } });
    expect((await world.verifyEvidence(ended.id)).ok).toBe(true);
  });

  test('of what did not commit is refused', async () => {
    const { id } = await world.propose(STEPS);

    await expect(undo(world.ports, OPERATOR, id)).rejects.toMatchObject({ code: 'not-committed' });
  });
});

test('resolve of what is not stuck is refused and writes nothing', async () => {
  const { id, nextSeq } = await world.proposeAndRun(STEPS);

  const resolved = resolve(world.ports, OPERATOR, { id, as: 'applied', reason: 'looked' });

  await expect(resolved).rejects.toThrow(InvalidInputError);
  expect((await world.load(id)).nextSeq).toBe(nextSeq);
});

describe('a plan that does not parse', () => {
  const propose1 = (plan: unknown) =>
    propose(world.ports, { plan, idempotencyKey: 'key', actor: 'agent:iam-auditor' });
  const plan = planOf(STEPS);
  const BAD: readonly (readonly [string, unknown, string, RegExp])[] = [
    ['no object', 'plan', 'invalid-plan', /top level/],
    ['an unknown field', { ...plan, dryRun: true }, 'invalid-plan', /unrecognized key.*dryRun/i],
    [
      '101 steps',
      { ...plan, steps: Array(101).fill(plan.steps[0]) },
      'invalid-plan',
      /steps: too big.*100/i,
    ],
    ['no steps', { ...plan, steps: [] }, 'invalid-plan', /steps/],
    ['an agent id with a slash', { ...plan, agent: 'a/b' }, 'invalid-plan', /agent/],
    [
      'a step id twice',
      { ...plan, steps: [plan.steps[0], plan.steps[0]] },
      'invalid-plan',
      /appears twice/,
    ],
    [
      'an unknown action',
      { ...plan, steps: [{ id: 'x', action: 'iam:DetatchRolePolicy', input: {} }] },
      'unknown-action',
      /step 1 \(`x`\) names unknown action `iam:DetatchRolePolicy`/,
    ],
    [
      'an unknown field in an input',
      {
        ...plan,
        steps: [{ id: 'x', ...STEPS[0], input: { ...STEPS[0]?.input, Force: true } }],
      },
      'invalid-input',
      /Force/,
    ],
    ['a float', { ...plan, deadlineMs: 1.5 }, 'invalid-plan', /deadlineMs/],
    ['a deadline beyond a day', { ...plan, deadlineMs: 1e9 }, 'invalid-plan', /deadlineMs/],
  ];

  test.each(BAD)('%s: refused at its place, nothing written', async (_, bad, code, message) => {
    const refused = propose1(bad);

    await expect(refused).rejects.toMatchObject({ name: 'InvalidInputError', code });
    await expect(propose1(bad)).rejects.toThrow(message);
    expect((await world.ports.store.list({ limit: 1 })).transactions).toEqual([]);
  });

  test('an unknown action names near ones', async () => {
    const bad = { ...plan, steps: [{ id: 'x', action: 'iam:DetatchRolePolicy', input: {} }] };

    await expect(propose1(bad)).rejects.toMatchObject({
      hint: expect.stringContaining('`iam:DetachRolePolicy`'),
    });
  });
});
