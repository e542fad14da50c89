import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { TransientError } from '../../../core/errors.ts';
import { DryRunRequest, remoteDryRun } from '../../../lambdas/remote-dry-run.ts';

const CALLER = { type: 'Agent', id: 'iam-auditor' } as const;
const PLAN = { agent: 'somebody-else', steps: [] };

let before: NodeJS.ProcessEnv;
let invoked: { readonly name: string | undefined; readonly payload: unknown }[];
let answer: () => Partial<InvokeCommandOutput> | undefined;
beforeEach(() => {
  before = process.env;
  process.env = { ...before, DRY_RUN_FUNCTION: 'dry-run', AWS_REGION: 'eu-west-1' };
  invoked = [];
  jest.spyOn(LambdaClient.prototype, 'send').mockImplementation((async (command: unknown) => {
    if (!(command instanceof InvokeCommand)) throw new Error('unexpected');
    const { FunctionName, Payload } = command.input;
    invoked.push({ name: FunctionName, payload: JSON.parse(`${Payload}`) });
    return answer();
  }) as never);
});
afterEach(() => {
  process.env = before;
  jest.restoreAllMocks();
});

const payload = (value: unknown) =>
  ({
    Payload: new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)),
  }) as Partial<InvokeCommandOutput>;

describe('a dry run that gives no answer', () => {
  test.each<[string, () => Partial<InvokeCommandOutput>]>([
    ['threw', () => ({ ...payload({ errorMessage: 'CANARY' }), FunctionError: 'Unhandled' })],
    ['answered nothing', () => ({})],
    ['answered no JSON', () => payload('Task timed out')],
    ['answered another shape', () => payload({ statusCode: 200, body: '{}' })],
    ['answered a status of a server', () => payload({ status: 500, body: {} })],
  ])('since its function %s can be asked for again, and shows nothing of it', async (_, given) => {
    answer = given;

    const asking = remoteDryRun(CALLER, PLAN);

    await expect(asking).rejects.toBeInstanceOf(TransientError);
    await expect(asking).rejects.toMatchObject({ code: 'dry-run-unreachable' });
    await expect(asking).rejects.not.toThrow(/CANARY/);
  });

  test('since Lambda is busy can be asked for again', async () => {
    answer = () => {
      throw Object.assign(new Error('slow'), { name: 'TooManyRequestsException' });
    };

    await expect(remoteDryRun(CALLER, PLAN)).rejects.toMatchObject({ code: 'dry-run-unreachable' });
  });
});

describe('a dry run', () => {
  test('is asked for in the name of the caller, whatever the plan says', async () => {
    answer = () => payload({ status: 200, body: { answer: 'allow' } });

    await remoteDryRun(CALLER, PLAN);

    expect(invoked).toEqual([{ name: 'dry-run', payload: { agent: 'iam-auditor', plan: PLAN } }]);
    expect(DryRunRequest.parse(invoked[0]?.payload)).toEqual(invoked[0]?.payload);
  });

  test.each([
    [200, 'application/json'],
    [400, 'application/problem+json'],
    [403, 'application/problem+json'],
  ])('that ends with %i is passed on as %s', async (status, type) => {
    const body = { code: 'denied', nested: { policies: ['one'] } };
    answer = () => payload({ status, body });

    const response = await remoteDryRun(CALLER, PLAN);

    expect([response.status, response.headers.get('content-type')]).toEqual([status, type]);
    expect(await response.json()).toEqual(body);
  });
});
