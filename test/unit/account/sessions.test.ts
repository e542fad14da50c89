import { describe, expect, it } from '@jest/globals';
import { openAccount } from '../../../adapters/embedded/account/account.ts';
import { laggingCloud } from '../../../adapters/embedded/account/lagging-cloud.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { arn, document, NOW_MS, READ, ROLE_READ, withRole } from './account-world.ts';

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
