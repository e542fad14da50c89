import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openAccount, type SimulatedAccount } from '../../../adapters/embedded/account/account.ts';
import { laggingCloud } from '../../../adapters/embedded/account/lagging-cloud.ts';
import { groupSyncs } from '../../../adapters/embedded/barrier.ts';
import type { Json, JsonObject } from '../../../core/json.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const ID = '111122223333';
const arn = (rest: string): string => `arn:aws:iam::${ID}:${rest}`;
const document = (action = 's3:GetObject'): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
  });
const trust = (principal: Json): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: principal }, Action: ['sts:AssumeRole'] }],
  });
const TRUST = trust('444455556666');

type Calls = (operation: string, input?: JsonObject) => Promise<JsonObject>;
const open = (options = {}): { account: SimulatedAccount; call: Calls } => {
  const account = openAccount(':memory:', { now: () => NOW_MS, ...options });
  const cloud = account.admin();
  return {
    account,
    call: async (operation, input = {}) =>
      (await cloud.call({ operation: `iam:${operation}`, input })) as JsonObject,
  };
};
const withRole = async (): Promise<{ account: SimulatedAccount; call: Calls }> => {
  const world = open();
  await world.call('CreateRole', { RoleName: 'app', AssumeRolePolicyDocument: TRUST });
  await world.call('CreateUser', { UserName: 'ann' });
  await world.call('CreatePolicy', { PolicyName: 'read', PolicyDocument: document() });
  return world;
};
const READ = arn('policy/read');
const ROLE_READ = { RoleName: 'app', PolicyArn: READ };

const refusals: readonly [string, string, readonly (readonly [string, JsonObject])[]][] = [
  ['an unknown operation', 'InvalidAction', [['Nothing', {}]]],
  ['an inherited name', 'InvalidAction', [['toString', {}]]],
  ['an absent role', 'NoSuchEntity', [['GetRole', { RoleName: 'none' }]]],
  ['a bad name', 'ValidationError', [['GetRole', { RoleName: 'a b' }]]],
  ['no name', 'ValidationError', [['GetUser', {}]]],
  [
    'a name taken but for case',
    'EntityAlreadyExists',
    [['CreateRole', { RoleName: 'APP', AssumeRolePolicyDocument: TRUST }]],
  ],
  [
    'an absent policy',
    'NoSuchEntity',
    [['AttachRolePolicy', { ...ROLE_READ, PolicyArn: arn('policy/none') }]],
  ],
  [
    'an AWS policy that is not in the file',
    'NoSuchEntity',
    [['AttachRolePolicy', { ...ROLE_READ, PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }]],
  ],
  ['detaching what is not attached', 'NoSuchEntity', [['DetachRolePolicy', ROLE_READ]]],
  [
    'an absent inline policy',
    'NoSuchEntity',
    [['DeleteUserPolicy', { UserName: 'ann', PolicyName: 'x' }]],
  ],
  [
    'no boundary to delete',
    'NoSuchEntity',
    [['DeleteRolePermissionsBoundary', { RoleName: 'app' }]],
  ],
  [
    'a broken document',
    'MalformedPolicyDocument',
    [['PutRolePolicy', { RoleName: 'app', PolicyName: 'x', PolicyDocument: '{' }]],
  ],
  [
    'a user document that is too long',
    'LimitExceeded',
    [
      [
        'PutUserPolicy',
        { UserName: 'ann', PolicyName: 'x', PolicyDocument: document(`s3:${'G'.repeat(2048)}`) },
      ],
    ],
  ],
  [
    'a managed document that is too long',
    'LimitExceeded',
    [['CreatePolicy', { PolicyName: 'x', PolicyDocument: document(`s3:${'G'.repeat(6144)}`) }]],
  ],
  [
    'deleting a role with a policy',
    'DeleteConflict',
    [
      ['AttachRolePolicy', ROLE_READ],
      ['DeleteRole', { RoleName: 'app' }],
    ],
  ],
  [
    'deleting an attached policy',
    'DeleteConflict',
    [
      ['AttachRolePolicy', ROLE_READ],
      ['DeletePolicy', { PolicyArn: READ }],
    ],
  ],
  [
    'deleting the default version',
    'DeleteConflict',
    [['DeletePolicyVersion', { PolicyArn: READ, VersionId: 'v1' }]],
  ],
  [
    'an unknown trust principal',
    'MalformedPolicyDocument',
    [['UpdateAssumeRolePolicy', { RoleName: 'app', PolicyDocument: trust(arn('role/none')) }]],
  ],
  [
    'a sixth version',
    'LimitExceeded',
    Array.from(
      { length: 5 },
      () => ['CreatePolicyVersion', { PolicyArn: READ, PolicyDocument: document() }] as const,
    ),
  ],
];

describe('the simulated account', () => {
  it.each(refusals)('refuses %s with %s', async (_what, code, calls) => {
    const { account, call } = await withRole();
    for (const [operation, input] of calls.slice(0, -1)) await call(operation, input);
    const digest = account.digest();
    const [operation, input] = calls.at(-1) as readonly [string, JsonObject];

    await expect(call(operation, input)).rejects.toMatchObject({ name: 'CloudRefusedError', code });
    expect(account.digest()).toBe(digest);
  });

  it('refuses an eleventh attached policy and takes one that is attached already', async () => {
    const { call } = await withRole();
    for (let index = 0; index < 11; index += 1) {
      await call('CreatePolicy', { PolicyName: `p${index}`, PolicyDocument: document() });
    }
    for (let index = 0; index < 10; index += 1) {
      await call('AttachRolePolicy', { RoleName: 'app', PolicyArn: arn(`policy/p${index}`) });
    }

    await call('AttachRolePolicy', { RoleName: 'app', PolicyArn: arn('policy/p3') });
    await expect(
      call('AttachRolePolicy', { RoleName: 'app', PolicyArn: arn('policy/p10') }),
    ).rejects.toMatchObject({ code: 'LimitExceeded' });
  });

  it('refuses a sum of inline documents over 10,240 characters', async () => {
    const { call } = await withRole();
    const half = document(`s3:${'G'.repeat(6000)}`);
    await call('PutRolePolicy', { RoleName: 'app', PolicyName: 'a', PolicyDocument: half });

    await expect(
      call('PutRolePolicy', { RoleName: 'app', PolicyName: 'b', PolicyDocument: half }),
    ).rejects.toMatchObject({ code: 'LimitExceeded' });
  });

  it('refuses to change a service-linked role', async () => {
    const { call } = await withRole();
    const RoleName = 'linked';
    await call('CreateRole', {
      RoleName,
      Path: '/aws-service-role/x.amazonaws.com/',
      AssumeRolePolicyDocument: TRUST,
    });

    await expect(call('AttachRolePolicy', { RoleName, PolicyArn: READ })).rejects.toMatchObject({
      code: 'UnmodifiableEntity',
    });
  });

  it('never gives a version id twice', async () => {
    const { call } = await withRole();
    const made = { PolicyArn: READ, PolicyDocument: document() };
    await call('CreatePolicyVersion', made);
    await call('DeletePolicyVersion', { PolicyArn: READ, VersionId: 'v2' });

    const answer = await call('CreatePolicyVersion', made);

    expect((answer['PolicyVersion'] as JsonObject)['VersionId']).toBe('v3');
  });

  it('rewrites trust policies, and keeps inline documents as they came', async () => {
    const { call } = await withRole();
    const text = `  ${document()}\n`;
    await call('PutRolePolicy', { RoleName: 'app', PolicyName: 'a', PolicyDocument: text });

    const role = (await call('GetRole', { RoleName: 'app' }))['Role'] as JsonObject;
    const inline = await call('GetRolePolicy', { RoleName: 'app', PolicyName: 'a' });

    expect(
      JSON.parse(decodeURIComponent(role['AssumeRolePolicyDocument'] as string)).Statement[0],
    ).toEqual({
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::444455556666:root' },
      Action: 'sts:AssumeRole',
    });
    expect(decodeURIComponent(inline['PolicyDocument'] as string)).toBe(text);
  });

  it('shows the unique id of a deleted principal in trust policies', async () => {
    const { call } = await withRole();
    const user = (await call('GetUser', { UserName: 'ann' }))['User'] as JsonObject;
    await call('UpdateAssumeRolePolicy', {
      RoleName: 'app',
      PolicyDocument: trust(arn('user/ann')),
    });
    await call('DeleteUser', { UserName: 'ann' });

    const role = (await call('GetRole', { RoleName: 'app' }))['Role'] as JsonObject;

    expect(role['AssumeRolePolicyDocument']).toContain(user['UserId'] as string);
  });

  it('logs every mutating call, refused ones too', async () => {
    const { account, call } = await withRole();
    const seen = account.mutations().length;
    await call('AttachRolePolicy', ROLE_READ);
    await call('DetachRolePolicy', ROLE_READ);
    await call('DetachRolePolicy', ROLE_READ).catch(() => undefined);
    await call('GetRole', { RoleName: 'app' });

    const log = account.mutations().slice(seen);

    expect(log.map((one) => one.operation.slice(4))).toEqual([
      'AttachRolePolicy',
      'DetachRolePolicy',
      'DetachRolePolicy',
    ]);
    expect(log.at(-1)).toMatchObject({
      principal: 'admin',
      at: NOW_MS,
      answer: { error: { code: 'NoSuchEntity' } },
    });
  });

  it('pages lists', async () => {
    const { call } = await withRole();
    for (const PolicyName of ['a', 'b', 'c']) {
      await call('PutRolePolicy', { RoleName: 'app', PolicyName, PolicyDocument: document() });
    }

    const first = await call('ListRolePolicies', { RoleName: 'app', MaxItems: 2 });
    const rest = await call('ListRolePolicies', {
      RoleName: 'app',
      MaxItems: 2,
      Marker: first['Marker'] as string,
    });

    expect([first['PolicyNames'], rest['PolicyNames'], rest['IsTruncated']]).toEqual([
      ['a', 'b'],
      ['c'],
      false,
    ]);
  });
});

describe('a session', () => {
  const statement = {
    Effect: 'Allow',
    Action: 'iam:AttachRolePolicy',
    Resource: arn('role/app'),
    Condition: {
      ArnEquals: { 'iam:PolicyARN': READ },
      DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:10Z' },
    },
  };
  const rows: readonly [string, JsonObject, number, string][] = [
    ['what it allows', {}, 0, 'done'],
    ['until its last moment', {}, 9_999, 'done'],
    ['nothing from its end on', {}, 10_000, 'AccessDenied'],
    ['no other action', { Action: 'iam:DetachRolePolicy' }, 0, 'AccessDenied'],
    ['no other resource', { Resource: arn('role/apps') }, 0, 'AccessDenied'],
    [
      'no other policy',
      { Condition: { ArnEquals: { 'iam:PolicyARN': arn('policy/other') } } },
      0,
      'AccessDenied',
    ],
    [
      'nothing that depends on a key it does not know',
      { Condition: { StringEquals: { 'aws:SourceVpc': 'x' } } },
      0,
      'AccessDenied',
    ],
  ];
  it.each(rows)('may do %s', async (_what, change, later, expected) => {
    const { account } = await withRole();
    const sessionPolicy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ ...statement, ...change }],
    });
    const cloud = account.session({ sessionPolicy, now: () => NOW_MS + later });

    const code = await cloud.call({ operation: 'iam:AttachRolePolicy', input: ROLE_READ }).then(
      () => 'done',
      (error) => error.code,
    );

    expect(code).toBe(expected);
  });

  it('is bound by the boundary that it may put', async () => {
    const { account, call } = await withRole();
    await call('CreatePolicy', { PolicyName: 'wide', PolicyDocument: document('*') });
    const sessionPolicy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'iam:PutRolePermissionsBoundary',
          Resource: arn('role/app'),
          Condition: { StringEquals: { 'iam:PermissionsBoundary': READ } },
        },
      ],
    });
    const cloud = account.session({ sessionPolicy, now: () => NOW_MS });
    const put = (PermissionsBoundary: string) =>
      cloud.call({
        operation: 'iam:PutRolePermissionsBoundary',
        input: { RoleName: 'app', PermissionsBoundary },
      });

    await put(READ);
    await expect(put(arn('policy/wide'))).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});

describe('a lagging cloud', () => {
  it('reads the past and changes the present', async () => {
    let now = NOW_MS;
    const account = openAccount(':memory:', { now: () => now, keepsHistory: true });
    const admin = account.admin();
    await admin.call({ operation: 'iam:CreateUser', input: { UserName: 'ann' } });
    const sessionPolicy = document('iam:*');
    const cloud = laggingCloud(account.session({ sessionPolicy, now: () => now }), {
      lagMs: () => 30_000,
      clock: () => now,
      snapshotReads: (at) => account.session({ sessionPolicy, now: () => now, asOf: () => at }),
    });
    const names = async (): Promise<Json | undefined> =>
      (
        (await cloud.call({
          operation: 'iam:ListUserPolicies',
          input: { UserName: 'ann' },
        })) as JsonObject
      )['PolicyNames'];

    await expect(names()).rejects.toMatchObject({ code: 'NoSuchEntity' });
    now += 60_000;
    await cloud.call({
      operation: 'iam:PutUserPolicy',
      input: { UserName: 'ann', PolicyName: 'a', PolicyDocument: document() },
    });
    const early = await names();
    now += 30_000;

    expect([early, await names()]).toEqual([[], ['a']]);
  });
});

describe('a barrier', () => {
  it('shares one later sync among those who come while one is in flight', async () => {
    const releases: (() => void)[] = [];
    const barrier = groupSyncs(
      () => new Promise((resolve) => void releases.push(resolve)),
      () => undefined,
    );

    const all = [barrier.wait(), barrier.wait(), barrier.wait()];
    const started = releases.length;
    releases[0]?.();
    await all[0];
    await new Promise((resolve) => setImmediate(resolve));
    releases[1]?.();
    await Promise.all(all);

    expect([started, releases.length, barrier.count(), barrier.syncs()]).toEqual([1, 2, 3, 2]);
  });

  it('fails for good once a sync failed', async () => {
    const barrier = groupSyncs(
      () => Promise.reject(new Error('io')),
      () => undefined,
    );

    await expect(barrier.wait()).rejects.toMatchObject({ code: 'sync-failed' });
    await expect(barrier.wait()).rejects.toMatchObject({ code: 'sync-failed' });
  });
});

describe('the account file', () => {
  it('is the same after it was closed and opened, and shared by two openers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'interlock-account-'));
    const path = join(folder, 'account.db');
    const first = openAccount(path, { now: () => NOW_MS });
    const second = openAccount(path, { now: () => NOW_MS });
    await first.admin().call({ operation: 'iam:CreateUser', input: { UserName: 'ann' } });
    await second.admin().call({ operation: 'iam:CreateUser', input: { UserName: 'bob' } });
    const digest = first.digest();
    first.close();
    second.close();

    const again = openAccount(path, { now: () => NOW_MS });

    expect([again.digest(), again.mutations().length]).toEqual([digest, 2]);
    again.close();
    rmSync(folder, { recursive: true });
  });

  const sample = join(process.cwd(), '../shared/data/iam/account-sandbox.json');
  it('round-trips the sandbox account', () => {
    if (!existsSync(sample))
      return console.warn('SKIPPED: ../shared/data is absent; 0 of 1 files ran');
    const account = openAccount(':memory:');
    const source: unknown = JSON.parse(readFileSync(sample, 'utf8'));
    account.load(source);
    const digest = account.digest();
    const written = account.toGaad();

    account.load(written);

    expect(account.digest()).toBe(digest);
    expect(account.toGaad()).toEqual(written);
    const roles = (value: unknown) => (value as { RoleDetailList: unknown }).RoleDetailList;
    expect(roles(written)).toEqual(roles(source));
  });

  it.each([
    [[]],
    [{ RoleDetailList: {} }],
    [{ RoleDetailList: [{ RoleName: 'x' }] }],
    [{ Policies: [7] }],
  ])('refuses %j with a code', (gaad) => {
    const account = openAccount(':memory:');

    expect(() => account.load(gaad)).toThrow(expect.objectContaining({ code: 'account-invalid' }));
  });
});
