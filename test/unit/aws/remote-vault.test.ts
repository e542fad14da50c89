import type { InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from '@jest/globals';
import { remoteVault, VendRequest } from '../../../adapters/aws/remote-vault.ts';
import {
  CloudRefusedError,
  DecisionError,
  type InterlockError,
  InvalidInputError,
  InvariantError,
  StaleStateError,
  TransientError,
} from '../../../core/errors.ts';
import type { Cloud } from '../../../core/ports/cloud.ts';

const REQUEST = { transactionId: 'tx-1', epoch: 3, stepIndex: 2 };
const KEYS = { accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 'token' };
const CLOUD: Cloud = { call: async () => ({}) };

/** A vault whose Lambda answers so; keeps what it was asked and which sessions were opened. */
function vaultThat(answer: (input: InvokeCommandInput) => Promise<object>) {
  const asked: InvokeCommandInput[] = [];
  const opened: unknown[] = [];
  const send = async ({ input }: { readonly input: InvokeCommandInput }) => {
    asked.push(input);
    return answer(input);
  };
  const vault = remoteVault({
    client: { send } as unknown as LambdaClient,
    functionName: 'vend-credentials',
    openCloud: (credentials) => {
      opened.push(credentials);
      return CLOUD;
    },
  });
  return { vault, asked, opened };
}

const bytes = (payload: unknown) => new TextEncoder().encode(JSON.stringify(payload));
const answering = (payload: unknown) => vaultThat(async () => ({ Payload: bytes(payload) }));
const failing = (payload: unknown) =>
  vaultThat(async () => ({ FunctionError: 'Unhandled', Payload: bytes(payload) }));

/** A vault whose Lambda throws this: the name and the code of the error cross the wire. */
const throwing = ({ name, code }: InterlockError) =>
  failing({ errorType: name, errorMessage: code, trace: [] });

describe('the vault behind its Lambda', () => {
  it.each([
    [new CloudRefusedError('AccessDenied', 'may not')],
    [new DecisionError('claim-vended', 'has had it')],
    [new DecisionError('claim-unknown', 'is not there')],
    [new InvalidInputError('account-not-governed', 'no role')],
    [new InvalidInputError('session-policy-too-large', 'too large')],
    [new InvariantError('it was not located')],
    [new StaleStateError('epoch 1 is over')],
    [new TransientError('sts-unreachable', 'no answer')],
  ])('throws what the Lambda throws: %s', async (error) => {
    const { vault, opened } = throwing(error);
    const { name, code } = error;
    const expected = {
      name,
      code: name === 'TransientError' ? 'vault-unreachable' : code,
      constructor: error.constructor,
    };

    await expect(vault.locate(REQUEST)).rejects.toMatchObject(expected);
    await expect(vault.read(REQUEST)).rejects.toMatchObject(expected);
    await expect(vault.effect({ ...REQUEST, attemptId: 'a' })).rejects.toMatchObject(expected);
    expect(opened).toEqual([]);
  });

  it.each([
    ['runs out of time', { errorMessage: 'Task timed out after 30.00 seconds' }],
    ['crashes', { errorType: 'Runtime.ExitError', errorMessage: 'exit status 1' }],
    ['throws what nobody knows', { errorType: 'toString', errorMessage: 'x' }],
    ['throws what is no error', 'text'],
  ])('may be asked again when it %s', async (_what, payload) => {
    await expect(failing(payload).vault.read(REQUEST)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'vault-unreachable',
    });
  });

  it.each([
    ['nothing', undefined],
    ['no credentials', {}],
    ['credentials without a token', { credentials: { ...KEYS, sessionToken: '' } }],
    ['a text', 'credentials'],
  ])('opens no session for an answer of %s', async (_what, payload) => {
    const { vault, opened } =
      payload === undefined ? vaultThat(async () => ({})) : answering(payload);

    await expect(vault.read(REQUEST)).rejects.toMatchObject({ name: 'TransientError' });
    expect(opened).toEqual([]);
  });

  it('opens no session to change something whose policy it does not know', async () => {
    const { vault, opened } = answering({ credentials: KEYS });

    await expect(vault.effect({ ...REQUEST, attemptId: 'a' })).rejects.toMatchObject({
      name: 'InvariantError',
    });
    expect(opened).toEqual([]);
  });

  it.each([
    ['TooManyRequestsException', 'TransientError'],
    ['TimeoutError', 'TransientError'],
    ['ResourceNotFoundException', 'ResourceNotFoundException'],
  ])('that cannot be called, %s, is %s', async (name, expected) => {
    const error = Object.assign(new Error('no'), { name, $fault: 'client' });
    const { vault } = vaultThat(() => Promise.reject(error));

    await expect(vault.locate(REQUEST)).rejects.toMatchObject({ name: expected });
  });

  it('asks for the session by the names of the step alone, and opens what it is given', async () => {
    const { vault, asked, opened } = answering({ credentials: KEYS, policyDigest: 'digest' });
    const more = { ...REQUEST, attemptId: 'a', roleArn: 'of-the-caller', sessionPolicy: '{}' };

    await vault.locate(more);
    await vault.read(more);
    const { cloud, policyDigest } = await vault.effect(more);

    expect([cloud, policyDigest]).toEqual([CLOUD, 'digest']);
    expect(opened).toEqual([KEYS, KEYS, KEYS]);
    expect(asked.map((one) => one.FunctionName)).toEqual(Array(3).fill('vend-credentials'));
    const requests = asked.map((one) => JSON.parse(String(one.Payload)) as unknown);
    expect(requests).toEqual([
      { session: 'locate', ...REQUEST },
      { session: 'read', ...REQUEST },
      { session: 'effect', ...REQUEST, attemptId: 'a' },
    ]);
    for (const one of requests) expect(VendRequest.parse(one)).toEqual(one);
  });
});
