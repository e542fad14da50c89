import { expect, test } from '@jest/globals';
import { InvalidInputError } from '../../core/errors.ts';
import type { Plan } from '../../core/plan.ts';
import { propose } from '../../core/tasks/propose.ts';
import { allowing, ROLE_NAME } from './support/small-account.ts';
import { AGENT, openTestWorld, planOf } from './support/world.ts';

const put = (spaces: number) => ({
  action: 'iam:PutRolePolicy',
  input: {
    RoleName: ROLE_NAME,
    PolicyName: 'scoped',
    PolicyDocument: JSON.stringify(allowing('s3:GetObject')).replace(',', `,${' '.repeat(spaces)}`),
  },
});

test.each<[string, string, Plan]>([
  ['fits its bound but not its record', 'plan-too-large', planOf([put(130_500), put(130_700)])],
  ['holds half a character', 'invalid-plan', { ...planOf([put(0)]), purpose: 'half \ud800' }],
])('a plan that %s is invalid input', async (_what, code, plan) => {
  const world = openTestWorld();

  const refused = propose(world.ports, { plan, idempotencyKey: 'one', actor: `agent:${AGENT}` });

  await expect(refused).rejects.toBeInstanceOf(InvalidInputError);
  await expect(refused).rejects.toMatchObject({ code });
  expect((await world.ports.store.list({ limit: 10 })).transactions).toEqual([]);
  world.close();
});
