import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { loadDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { DryRun, Problem } from '../../../api/shapes.ts';
import { TransientError } from '../../../core/errors.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import type { Handler } from '../../../lambdas/handler.ts';
import { caseNamed } from '../../integration/support/action-cases.ts';
import { openTestWorld, planOf, type TestWorld } from '../../integration/support/world.ts';
import { captureOutput, type Output } from './output.ts';

const CANARY = 'CANARY-7f3a';
const PLAN = planOf([caseNamed('iam:DetachRolePolicy').step]);

const mockOpened: { open: () => Promise<Ports> } = {
  open: async () => {
    throw new Error('not opened');
  },
};
jest.mock('../../../lambdas/wiring.ts', () => ({ openPorts: () => () => mockOpened.open() }));

// After the mock: what it stands for is loaded with it.
let handler: Handler;
beforeAll(async () => {
  ({ handler } = await import('../../../lambdas/dry-run.ts'));
});

const decisionPoint = loadDecisionPoint('policies');
let world: TestWorld;
let output: Output;
beforeEach(() => {
  world = openTestWorld({ decisionPoint });
  mockOpened.open = async () => world.ports;
  output = captureOutput();
});
afterEach(() => {
  output.stop();
  world.close();
});

const asked = async (event: unknown) =>
  (await handler(event)) as { readonly status: number; readonly body: object };
const request = (plan: unknown, agent = 'iam-auditor') => ({ agent, plan });

describe('the function of dry runs', () => {
  test.each<[string, unknown]>([
    ['no event', undefined],
    ['no agent', { plan: PLAN }],
    ['an agent that is no name', { agent: 'x'.repeat(65), plan: PLAN }],
    ['more than that', { ...request(PLAN), caller: 'ops' }],
  ])('refuses %s', async (_, event) => {
    await expect(handler(event)).rejects.toMatchObject({
      name: 'InvalidInputError',
      message: 'invalid-event',
    });
  });

  test.each<[string, object, number, string]>([
    ['a plan that is none', request({ ...PLAN, steps: 'all' }), 400, 'invalid-plan'],
    ['a plan of another agent', request(PLAN, 'stranger'), 403, 'foreign-agent'],
  ])('answers %s with the problem of it', async (_, event, status, code) => {
    const answer = await asked(event);

    expect(answer.status).toBe(status);
    expect(Problem.parse(answer.body)).toMatchObject({ status, code });
  });

  test.each<[string, Error, object]>([
    ['that somebody is busy', new TransientError('store-busy', CANARY), { message: 'store-busy' }],
    ['a defect', new Error(CANARY), { message: 'unexpected' }],
  ])('fails by name and code alone when there is %s', async (_, error, thrown) => {
    mockOpened.open = async () => {
      throw error;
    };

    const failure = await handler(request(PLAN)).catch((one: Error) => one);

    expect(failure).toMatchObject({ ...thrown, name: error.name, stack: '' });
    expect(`${(failure as Error).message}`).not.toContain(CANARY);
  });

  test('answers what would become of a plan, and does nothing', async () => {
    const before = world.account.digest();

    const { status, body } = await asked(request(PLAN));

    expect(status).toBe(200);
    expect(DryRun.parse(body)).toMatchObject({ answer: 'allow', steps: [{ id: 'step-1' }] });
    expect(world.account.digest()).toBe(before);
    expect((await world.ports.store.list({ limit: 10 })).transactions).toEqual([]);
  });

  test('answers that policy would deny', async () => {
    const denied = planOf([caseNamed('iam:DeleteRolePermissionsBoundary').step]);

    const { status, body } = await asked(request(denied));

    expect(status).toBe(200);
    expect(DryRun.parse(body)).toMatchObject({ answer: 'deny', reason: { code: 'denied' } });
  });
});
