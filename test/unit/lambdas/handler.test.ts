import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvariantError, TransientError } from '../../../core/errors.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import { handler, taskHandler } from '../../../lambdas/handler.ts';
import { captureOutput, type Output } from './output.ts';

const CANARY = 'canary-4f1d';
const STATE = { transactionId: 'tx-1', epoch: 3, stepIndex: 2, next: 'execute' };
const ports = async () => ({}) as Ports;

let output: Output;
beforeEach(() => {
  output = captureOutput();
});
afterEach(() => output.stop());

const thrownBy = async (error: unknown): Promise<Error> => {
  const failing = taskHandler(() => Promise.reject(error), ports);
  return failing(STATE).then(
    () => new Error('nothing was thrown'),
    (thrown: Error) => thrown,
  );
};
const named = (name: string) => Object.assign(new Error('no'), { name });

describe('a function that fails', () => {
  it.each([
    ['a message', new Error(`the plan is ${CANARY}`)],
    ['a message that looks like a stack', new Error(`no\n    at ${CANARY}\n    at ${CANARY}`)],
    ['a message that was changed later', Object.assign(new Error(CANARY), { message: 'no' })],
    ['a name', named(`said ${CANARY}`)],
    ['a property', Object.assign(new Error('no'), { plan: CANARY, $response: { body: CANARY } })],
    ['a cause', new Error('no', { cause: new Error(CANARY) })],
    [
      'the cause of an error of ours',
      new TransientError('store-busy', 'no answer', { cause: new Error(CANARY) }),
    ],
    ['something that is no error', { message: CANARY }],
    ['a text', CANARY],
  ])('lets nothing of others out: %s', async (_what, error) => {
    const thrown = await thrownBy(error);

    expect(output.lines()).toHaveLength(1);
    expect(output.text()).not.toContain(CANARY);
    expect(`${thrown.name} ${thrown.message} ${thrown.stack}`).not.toContain(CANARY);
  });

  it('lets nothing of an event out that it refuses', async () => {
    const thrown = await taskHandler(
      async () => STATE,
      ports,
    )({ ...STATE, plan: CANARY }).catch((error: Error) => error);

    expect(thrown).toMatchObject({ name: 'InvalidInputError', message: 'invalid-event' });
    expect(output.text()).not.toContain(CANARY);
  });

  it('throws name and code alone', async () => {
    const thrown = await thrownBy(new TransientError('store-busy', 'throttled'));

    expect(thrown).toMatchObject({ name: 'TransientError', message: 'store-busy', stack: '' });
  });

  it('says where it failed, and of its own errors also why', async () => {
    await thrownBy(new InvariantError('a lease must be held'));

    expect(output.lines()).toMatchObject([
      {
        level: 'ERROR',
        ...{ transactionId: 'tx-1', epoch: 3, stepIndex: 2 },
        error: { name: 'InvariantError', message: 'a lease must be held' },
      },
    ]);
  });

  it('says of an error of others where it arose', async () => {
    await thrownBy(new Error(CANARY));

    const [line] = output.lines() as readonly { error: { frames: readonly string[] } }[];
    expect(line?.error.frames.join()).toContain('handler.test.ts');
  });

  it('ends a chain of causes', async () => {
    const cyclic = new Error('no');
    cyclic.cause = cyclic;

    await thrownBy(cyclic);

    expect(output.lines()).toHaveLength(1);
  });
});

describe('a function that does its task', () => {
  it('says which, and what comes next', async () => {
    const answer = await taskHandler(async () => ({ ...STATE, next: 'verify' }), ports)(STATE);

    expect(answer).toEqual({ ...STATE, next: 'verify' });
    expect(output.lines()).toMatchObject([
      { level: 'INFO', transactionId: 'tx-1', epoch: 3, stepIndex: 2, next: 'verify' },
    ]);
  });

  it('writes nothing of the event of another function', async () => {
    await handler(async () => 'answer')({ plan: CANARY });

    expect(output.text()).toBe('');
  });

  it('asks for a person when it seals what is stuck', async () => {
    await taskHandler(async () => ({ ...STATE, next: 'stuck' }), ports)(STATE);

    expect(output.lines()).toContainEqual(
      expect.objectContaining({ PersonNeeded: 1, transactionId: 'tx-1' }),
    );
  });
});
