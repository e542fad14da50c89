import { describe, expect, it } from '@jest/globals';
import { ACTION_CASES } from './support/action-cases.ts';
import { shippedPolicies } from './support/policies.ts';
import { expectTruthful } from './support/truth.ts';
import { openTestWorld } from './support/world.ts';

describe('the test world', () => {
  it.each(ACTION_CASES.map((one) => [one.id, one] as const))(
    '%s commits',
    async (_id, { step }) => {
      const world = openTestWorld();

      const ended = await world.proposeAndRun([step]);

      expect(ended.status).toBe('committed');
      await expectTruthful(world, ended, [step]);
      world.close();
    },
  );

  it('differs from the shipped policies only where a boundary is taken away', async () => {
    const statuses = await Promise.all(
      ACTION_CASES.map(async ({ id, step }) => {
        const world = openTestWorld({ decisionPoint: shippedPolicies() });
        const { status } = await world.proposeAndRun([step]);
        world.close();
        return [id, status];
      }),
    );

    expect(statuses.filter(([, status]) => status !== 'committed')).toEqual([
      ['iam:DeleteRolePermissionsBoundary', 'rejected'],
    ]);
  });

  it('runs all ten actions in one plan', async () => {
    const world = openTestWorld();
    const steps = ACTION_CASES.map((one) => one.step);

    const ended = await world.proposeAndRun(steps);

    expect(ended).toMatchObject({ status: 'committed' });
    await expectTruthful(world, ended, steps);
    expect(world.account.mutations()).toHaveLength(steps.length);
    world.close();
  });
});
