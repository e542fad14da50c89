import {
  GetAccountAuthorizationDetailsCommand,
  GetRoleCommand,
  IAMClient,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ACCOUNT, allow, assume, createRole, outcomeOf, policyOf } from './account.ts';
import { clientOptions, type Emulator, startEmulator } from './emulator.ts';

const HOUR_MS = 3_600_000;

describe('IAM that is enforced', () => {
  let emulator: Emulator;
  let reader: string;
  beforeAll(async () => {
    emulator = await startEmulator({ auth: true });
    const may = [allow(['iam:GetRole', 'iam:ListUsers'], '*')];
    reader = await createRole(emulator, { name: 'reader', may });
  });
  afterAll(() => emulator.stop());

  const inSession = async (sessionPolicy?: string) => {
    const client = new IAMClient(await assume(emulator, reader, sessionPolicy));
    return {
      get: await outcomeOf(client.send(new GetRoleCommand({ RoleName: 'reader' }))),
      list: await outcomeOf(client.send(new ListUsersCommand({}))),
      all: await outcomeOf(client.send(new GetAccountAuthorizationDetailsCommand({}))),
    };
  };

  test('a session without a policy may do what its role may, and no more', async () => {
    expect(await inSession()).toEqual({ get: 'allowed', list: 'allowed', all: 'AccessDenied' });
  });

  test('a session policy narrows what the role may do, and widens nothing', async () => {
    const narrow = policyOf(
      allow(['iam:GetRole', 'iam:GetAccountAuthorizationDetails'], `arn:aws:iam::${ACCOUNT}:*`),
    );

    const outcomes = await inSession(narrow);

    expect(outcomes).toEqual({ get: 'allowed', list: 'AccessDenied', all: 'AccessDenied' });
  });

  test.each([
    ['past', -HOUR_MS, 'AccessDenied'],
    ['future', HOUR_MS, 'allowed'],
  ])('a session until a time in the %s', async (_name, offsetMs, outcome) => {
    const until = new Date(Date.now() + offsetMs).toISOString();
    const condition = { DateLessThan: { 'aws:CurrentTime': until } };

    const outcomes = await inSession(policyOf(allow('iam:*', '*', condition)));

    expect(outcomes).toEqual({ get: outcome, list: outcome, all: 'AccessDenied' });
  });

  test('a wrong secret and an unknown key are refused', async () => {
    const session = await assume(emulator, reader);
    const wrong = { ...session.credentials, secretAccessKey: 'of-another-key' };
    const call = (credentials: typeof wrong) =>
      outcomeOf(new IAMClient({ ...session, credentials }).send(new ListUsersCommand({})));

    const outcomes = [
      await call(wrong),
      await call({ ...wrong, accessKeyId: 'not-a-key', sessionToken: '' }),
    ];

    expect(outcomes).toEqual(['SignatureDoesNotMatch', 'InvalidClientTokenId']);
  });

  test('the keys of the tests are root, and the account says what is in it', async () => {
    const who = await new STSClient(clientOptions(emulator)).send(new GetCallerIdentityCommand({}));

    const details = await new IAMClient(clientOptions(emulator)).send(
      new GetAccountAuthorizationDetailsCommand({ Filter: ['Role'] }),
    );

    expect(who.Arn).toBe(`arn:aws:iam::${ACCOUNT}:root`);
    const role = details.RoleDetailList?.find(({ RoleName }) => RoleName === 'reader');
    const inline = role?.RolePolicyList?.[0];
    expect(inline?.PolicyName).toBe('may');
    expect(decodeURIComponent(inline?.PolicyDocument ?? '')).toContain('iam:ListUsers');
  });
});
