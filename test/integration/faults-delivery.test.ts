import { afterEach, describe, expect, it } from '@jest/globals';
import { preflight } from '../../core/tasks/preflight.ts';
import { ACTION_CASES, caseNamed } from './support/action-cases.ts';
import { deliveredTogether, deliveredTwice } from './support/deliveries.ts';
import { faultAt } from './support/faults.ts';
import { expectTruthful } from './support/truth.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const worlds: TestWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

const open = (): TestWorld => {
  const world = openTestWorld();
  worlds.push(world);
  return world;
};
/** The step under test and one on the other principal. */
const planWith = (id: string) => {
  const last = id.includes('Role') ? 'iam:DeleteUserPolicy' : 'iam:DeleteRolePolicy';
  return { last, steps: [caseNamed(id).step, caseNamed(last).step] };
};
/** What the records say, without when and how: a record that was written twice shows here. */
const kindsOf = async (world: TestWorld, id: string) =>
  (await world.records(id)).map(({ kind, stepIndex = -1, attempt = 0 }) =>
    [kind, stepIndex, attempt].join(' '),
  );
/** An inverse and its effect have the same step and attempt, but not the same attempt id. */
const expectNoRecordTwice = async (world: TestWorld, id: string) => {
  const kinds = await kindsOf(world, id);
  const attempts = (await world.records(id)).map((one) => one.data['attemptId']);
  const keys = kinds.map((kind, index) => `${kind} ${attempts[index]}`);
  expect(keys).toEqual([...new Set(keys)]);
};
const operationsOf = (world: TestWorld) => world.account.mutations().map((one) => one.operation);

const DELIVERIES = [
  ['twice in a row', deliveredTwice()],
  ['twice at once', deliveredTogether('first')],
] as const;

describe.each(DELIVERIES)('every task delivered %s', (_how, tasks) => {
  it.each(ACTION_CASES.map((one) => one.id))('makes one effect of %s', async (id) => {
    const { steps } = planWith(id);
    const [once, twice] = [open(), open()];
    const expected = await once.proposeAndRun(steps);

    const ended = await twice.run(await twice.propose(steps), tasks);

    expect(ended.status).toBe('committed');
    expect(await kindsOf(twice, ended.id)).toEqual(await kindsOf(once, expected.id));
    expect(operationsOf(twice)).toEqual(operationsOf(once));
    await expectTruthful(twice, ended, steps);
  });

  it.each(ACTION_CASES.map((one) => one.id))('compensates %s once', async (id) => {
    const { last, steps } = planWith(id);
    const [once, twice] = [open(), open()];
    for (const world of [once, twice])
      world.hooks.onCall = faultAt(
        world.clock,
        { kind: 'refused' },
        {
          isHit: (request) => request.operation === last,
        },
      );
    const expected = await once.proposeAndRun(steps);

    const ended = await twice.run(await twice.propose(steps), tasks);

    expect(ended).toMatchObject({ status: 'compensated', reason: expected.reason });
    expect(await kindsOf(twice, ended.id)).toEqual(await kindsOf(once, expected.id));
    expect(operationsOf(twice)).toEqual(operationsOf(once));
    await expectTruthful(twice, ended, steps);
  });
});

// The delivery that was outrun may answer that its state is stale: then the plan is unwound.
describe('every task delivered twice at once, where the one that came second counts', () => {
  it.each(ACTION_CASES.map((one) => one.id))('ends %s rightly', async (id) => {
    const { steps } = planWith(id);
    const world = open();

    const ended = await world.run(await world.propose(steps), deliveredTogether('second'));

    await expectNoRecordTwice(world, ended.id);
    expect(['committed', 'compensated', 'rejected']).toContain(ended.status);
    await expectTruthful(world, ended, steps);
  });

  it.each(ACTION_CASES.map((one) => one.id))('ends %s rightly once it is decided', async (id) => {
    const { steps } = planWith(id);
    const world = open();
    const tasks = { ...deliveredTogether('second'), Preflight: preflight };

    const ended = await world.run(await world.propose(steps), tasks);

    await expectNoRecordTwice(world, ended.id);
    expect(['committed', 'compensated']).toContain(ended.status);
    await expectTruthful(world, ended, steps);
  });
});
