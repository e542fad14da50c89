import { describe, expect, it } from '@jest/globals';
import { parseAccount } from '../../../iam/account.ts';

const HOME = '111122223333';
const arn = (rest: string, account = HOME): string => `arn:aws:iam::${account}:${rest}`;
const user = (name: string, more: object = {}): Record<string, unknown> => ({
  UserName: name,
  UserId: `AIDA${name}`,
  Arn: arn(`user/${name}`),
  ...more,
});
const role = (name: string, more: object = {}): Record<string, unknown> => ({
  RoleName: name,
  RoleId: `AROA${name}`,
  Arn: arn(`role/${name}`),
  AssumeRolePolicyDocument: { Statement: [] },
  ...more,
});
const policy = (name: string, more: object = {}): Record<string, unknown> => ({
  PolicyName: name,
  PolicyId: `ANPA${name}`,
  Arn: arn(`policy/${name}`),
  DefaultVersionId: 'v2',
  PolicyVersionList: [
    { VersionId: 'v1', Document: { old: true } },
    { VersionId: 'v2', Document: { old: false } },
  ],
  ...more,
});
const gaad = (change: object = {}): object => ({
  UserDetailList: [user('ann')],
  RoleDetailList: [role('app')],
  GroupDetailList: [],
  Policies: [],
  ...change,
});

describe('an account file', () => {
  const rows: readonly [string, unknown, string][] = [
    ['is no object', 'text', 'the top'],
    ['lacks a list', gaad({ Policies: undefined }), 'Policies'],
    [
      'has a user without a name',
      gaad({ UserDetailList: [user('x', { UserName: 1 })] }),
      'UserDetailList[0].UserName',
    ],
    [
      'has an ARN that is none',
      gaad({ RoleDetailList: [role('x', { Arn: 'x' })] }),
      'RoleDetailList[0].Arn',
    ],
    ['has nobody', gaad({ UserDetailList: [], RoleDetailList: [] }), 'neither users nor roles'],
    [
      'has a user twice',
      gaad({ UserDetailList: [user('ann'), user('ann')] }),
      'user/ann` is there twice',
    ],
    [
      'has a policy without versions',
      gaad({ Policies: [policy('p', { PolicyVersionList: [] })] }),
      'PolicyVersionList',
    ],
    [
      'lacks the default version',
      gaad({ Policies: [policy('p', { DefaultVersionId: 'v9' })] }),
      'Policies[0]`: no version `v9`',
    ],
  ];
  it.each(rows)('that %s is refused, naming the place', (_what, value, place) => {
    const parse = (): unknown => parseAccount(value);

    expect(parse).toThrow(expect.objectContaining({ code: 'invalid-account' }));
    expect(parse).toThrow(place);
  });

  it('is the account of most of its principals; the others are foreign', () => {
    const other = role('guest', { Arn: arn('role/guest', '999999999999') });
    const theirs = policy('theirs', { Arn: arn('policy/theirs', '999999999999') });
    const managed = policy('aws', { Arn: arn('policy/ReadOnlyAccess', 'aws') });

    const account = parseAccount(
      gaad({ RoleDetailList: [other, role('app')], Policies: [theirs, managed] }),
    );

    expect([account.accountId, account.partition]).toEqual([HOME, 'aws']);
    expect([...account.roles.keys()]).toEqual([arn('role/app')]);
    expect([...account.policies.keys()]).toEqual([arn('policy/ReadOnlyAccess', 'aws')]);
    expect(account.foreign.map((each) => each.arn)).toEqual([other['Arn'], theirs['Arn']]);
  });

  it('may have fields that nobody knows, and documents as objects, JSON or URL-encoded', () => {
    const text = '{"Statement":"100%"}';
    const documents = [JSON.parse(text), text, encodeURIComponent(text)];
    const inline = documents.map((PolicyDocument, at) => ({
      PolicyName: `p${at}`,
      PolicyDocument,
    }));

    const account = parseAccount(
      gaad({ UserDetailList: [user('ann', { UserPolicyList: inline, New: 1 })], Newer: [] }),
    );

    const found = account.users.get(arn('user/ann'))?.inline.map((each) => each.documentText);
    expect(found).toEqual([text, text, text]);
  });

  it('gives policies the text of their default version', () => {
    const account = parseAccount(gaad({ Policies: [policy('p')] }));

    expect(account.policies.get(arn('policy/p'))?.documentText).toBe('{"old":false}');
  });
});
