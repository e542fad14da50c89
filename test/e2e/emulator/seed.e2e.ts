import {
  AttachRolePolicyCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Account, parseAccount } from '../../../iam/account.ts';
import { ACCOUNT, allow, policyOf } from './account.ts';
import { accountDigest, accountState, readAccount, stateOf } from './account-state.ts';
import { clientOptions, type Emulator, startEmulator } from './emulator.ts';
import { movedTo, seedAccount } from './seed.ts';

const FILE = 'examples/acme-account.json';
const ORDERS = `arn:aws:iam::${ACCOUNT}:policy/acme-orders-app`;

describe('an emulator that is seeded with an account file', () => {
  let emulator: Emulator;
  let iam: IAMClient;
  let read: Account;
  beforeAll(async () => {
    emulator = await startEmulator({ auth: true });
    iam = new IAMClient(clientOptions(emulator));
    await seedAccount(emulator, FILE);
    read = await readAccount(emulator);
  });
  afterAll(async () => {
    iam.destroy();
    await emulator.stop();
  });

  test('has what the file has, up to unique ids and dates', () => {
    const file = parseAccount(movedTo(ACCOUNT, FILE));

    expect(Object.keys(stateOf(file)).length).toBeGreaterThan(60);
    expect(stateOf(read)).toEqual(stateOf(file));
    expect([...read.policies.keys()].sort()).toEqual([...file.policies.keys()].sort());
    expect(JSON.stringify([...read.roles.values()])).not.toContain('123456789012');
  });

  test('keeps the ids of versions, of which some are gone', async () => {
    const version = (id: string) => ({
      ...{ VersionId: id, Document: JSON.parse(policyOf(allow(`s3:Get${id}`, '*'))) },
    });
    const policy = (name: string, ids: readonly string[], DefaultVersionId: string) => ({
      PolicyName: name,
      PolicyId: 'ANPA',
      Arn: `arn:aws:iam::${ACCOUNT}:policy/${name}`,
      DefaultVersionId,
      PolicyVersionList: ids.map(version),
    });
    const Policies = [
      policy('late', ['v3', 'v4', 'v5', 'v7', 'v9'], 'v5'),
      policy('early', ['v1', 'v2', 'v3', 'v4', 'v6'], 'v1'),
    ];
    const user = { UserName: 'u', UserId: 'AIDA', Arn: `arn:aws:iam::${ACCOUNT}:user/u` };
    const lists = { UserDetailList: [user], RoleDetailList: [], GroupDetailList: [], Policies };

    const seeded = stateOf(await seedAccount(emulator, lists));

    expect(Object.keys(seeded)).toHaveLength(3);
    expect(stateOf(await readAccount(emulator))).toMatchObject(seeded);
  });

  test.each([
    [
      'an inline document',
      () =>
        iam.send(
          new PutRolePolicyCommand({
            RoleName: 'image-resizer',
            PolicyName: 'more',
            PolicyDocument: policyOf(allow('s3:*', '*')),
          }),
        ),
      () =>
        iam.send(new DeleteRolePolicyCommand({ RoleName: 'image-resizer', PolicyName: 'more' })),
    ],
    [
      'an attachment',
      () => iam.send(new DetachRolePolicyCommand({ RoleName: 'orders-app', PolicyArn: ORDERS })),
      () => iam.send(new AttachRolePolicyCommand({ RoleName: 'orders-app', PolicyArn: ORDERS })),
    ],
  ])('has another digest with %s changed, and the old one once it is back', async (...parts) => {
    const [, change, undo] = parts;
    const before = await accountDigest(emulator);

    await change();
    const between = await accountDigest(emulator);
    await undo();

    expect(between).not.toBe(before);
    expect(await accountDigest(emulator)).toBe(before);
  });

  test('refuses an account that names a policy of AWS that it does not know', async () => {
    const arn = 'arn:aws:iam::aws:policy/NoSuchPolicy';
    const text = JSON.stringify(movedTo(ACCOUNT, FILE)).replaceAll(
      'arn:aws:iam::aws:policy/ReadOnlyAccess',
      arn,
    );

    await expect(seedAccount(emulator, JSON.parse(text))).rejects.toThrow('NoSuchPolicy');
  });

  test('has boundaries, tags, groups and unique ids in its state', async () => {
    const state = await accountState(emulator);

    expect(state[`arn:aws:iam::${ACCOUNT}:role/bounded-developer`]).toMatchObject({
      boundaryArn: `arn:aws:iam::${ACCOUNT}:policy/boundary/acme-workload-boundary`,
      id: expect.stringMatching(/^AROA/),
    });
    expect(state[`arn:aws:iam::${ACCOUNT}:user/alice.ops`]).toMatchObject({
      groups: ['platform-admins'],
      tags: { team: 'platform' },
    });
  });
});
