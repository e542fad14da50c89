import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../core/json.ts';
import { arn, document, READ, ROLE_READ, TRUST, trust, withRole } from './account-world.ts';

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
});
