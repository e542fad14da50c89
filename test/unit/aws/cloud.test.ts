import { readFileSync } from 'node:fs';
import type { IAMClient } from '@aws-sdk/client-iam';
import { describe, expect, it } from '@jest/globals';
import { registry } from '../../../actions/registry.ts';
import { iamCloud, iamSessions } from '../../../adapters/aws/cloud.ts';
import { CHANGES, READS } from '../../../adapters/aws/cloud-operations.ts';

const fakeClient = (send: () => Promise<object>, attempts = 1): IAMClient =>
  ({ send, config: { maxAttempts: async () => attempts } }) as unknown as IAMClient;

const failing = (error: object) =>
  iamCloud(fakeClient(() => Promise.reject(Object.assign(new Error('it says why'), error))));

const READ = { operation: 'iam:GetRole', input: { RoleName: 'app' } };
const CHANGE = {
  operation: 'iam:DetachRolePolicy',
  input: { RoleName: 'app', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
};
const client = (name: string, status = 400) => ({
  ...{ name, $fault: 'client', $metadata: { httpStatusCode: status } },
});

describe('IAM through the SDK', () => {
  it.each([
    [client('NoSuchEntityException', 404), 'NoSuchEntity'],
    [client('LimitExceededException', 409), 'LimitExceeded'],
    [client('EntityAlreadyExistsException', 409), 'EntityAlreadyExists'],
    [client('MalformedPolicyDocumentException'), 'MalformedPolicyDocument'],
    [client('PolicyNotAttachableException'), 'PolicyNotAttachable'],
    [client('UnmodifiableEntityException'), 'UnmodifiableEntity'],
    [client('InvalidInputException'), 'InvalidInput'],
    [client('AccessDenied', 403), 'AccessDenied'],
    [client('ExpiredToken', 403), 'ExpiredToken'],
    [client('ValidationError'), 'ValidationError'],
  ])('has the code of IAM for a refusal: %j', async (error, code) => {
    for (const request of [READ, CHANGE])
      await expect(failing(error).call(request)).rejects.toMatchObject({
        name: 'CloudRefusedError',
        code,
      });
  });

  it.each([
    [client('Throttling')],
    [client('ThrottlingException', 429)],
    [client('ConcurrentModificationException', 409)],
    [client('EntityTemporarilyUnmodifiableException', 409)],
    [{ name: 'Error', code: 'ECONNREFUSED' }],
    [{ name: 'Error', code: 'ENOTFOUND' }],
  ])('may be called again when nothing ran: %j', async (error) => {
    for (const request of [READ, CHANGE])
      await expect(failing(error).call(request)).rejects.toMatchObject({ name: 'TransientError' });
  });

  it.each([
    [{ name: 'TimeoutError' }],
    [{ name: 'Error', code: 'ECONNRESET' }],
    [{ name: 'Error', code: 'EPIPE' }],
    [{ name: 'AbortError' }],
    [{ name: 'ServiceFailureException', $fault: 'server', $metadata: { httpStatusCode: 500 } }],
    [{ name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } }],
    [{ name: 'SyntaxError' }],
    [{ name: 'CredentialsProviderError' }],
  ])('does not know what a change without an answer did: %j', async (error) => {
    await expect(failing(error).call(CHANGE)).rejects.toMatchObject({ name: 'AnswerLostError' });
    await expect(failing(error).call(READ)).rejects.toMatchObject({ name: 'TransientError' });
  });

  it.each(['iam:CreateAccessKey', 'iam:getRole', 'sts:GetCallerIdentity', '__proto__', ''])(
    'does not make the call `%s`, which is not on the list',
    async (operation) => {
      const cloud = iamCloud(fakeClient(() => Promise.resolve({})));

      await expect(cloud.call({ operation, input: {} })).rejects.toMatchObject({
        name: 'CloudRefusedError',
        code: 'InvalidAction',
      });
    },
  );

  it('is not called by a client that repeats calls', async () => {
    const cloud = iamCloud(fakeClient(() => Promise.resolve({}), 3));

    await expect(cloud.call(CHANGE)).rejects.toMatchObject({ name: 'InvariantError' });
  });

  it('answers JSON without what is absent, with dates as IAM writes them', async () => {
    const answer = {
      $metadata: { requestId: 'x' },
      Role: { RoleName: 'app', CreateDate: new Date(0), Tags: [], Description: undefined },
      Marker: undefined,
      IsTruncated: false,
    };

    const cloud = iamCloud(fakeClient(() => Promise.resolve(answer)));

    expect(await cloud.call(READ)).toEqual({
      Role: { RoleName: 'app', CreateDate: '1970-01-01T00:00:00Z', Tags: [] },
      IsTruncated: false,
    });
  });

  it('sends each call of the list as the command of that name', async () => {
    for (const [operation, send] of Object.entries({ ...READS, ...CHANGES })) {
      const sent: object[] = [];
      const one = { send: async (command: object) => sent.push(command) } as unknown as IAMClient;

      await send(one, {});

      expect(sent[0]?.constructor.name).toBe(`${operation.replace('iam:', '')}Command`);
    }
  });

  it('has the calls that the actions need, and changes nothing else', () => {
    const { locate, steps } = JSON.parse(readFileSync('actions/permissions.json', 'utf8')) as {
      locate: string[];
      steps: { actions: string[] }[];
    };
    const needed = [...locate, ...steps.flatMap((one) => one.actions)];
    const made = [...Object.keys(READS), ...Object.keys(CHANGES)];

    expect(needed.filter((one) => !made.includes(one))).toEqual([]);
    expect(Object.keys(CHANGES).filter((one) => registry.byId(one) === undefined)).toEqual([]);
    expect(Object.keys(READS).filter((one) => !/^iam:(Get|List)/.test(one))).toEqual([]);
  });

  it('opens sessions that never repeat a call', async () => {
    const open = iamSessions({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1', timeoutMs: 9 });
    const cloud = open({ accessKeyId: 'a', secretAccessKey: 's', sessionToken: 't' });

    await expect(cloud.call(CHANGE)).rejects.not.toMatchObject({ name: 'InvariantError' });
  });
});
