import type { JsonObject } from '../../../core/json.ts';

/** A small account on which each of the ten actions may run: none of them widens. */
export const ACCOUNT_ID = '111122223333';
export const ROLE_NAME = 'app';
export const USER_NAME = 'ann';

export const policyArnOf = (name: string): string => `arn:aws:iam::${ACCOUNT_ID}:policy/p/${name}`;
export const roleArnOf = (name: string): string => `arn:aws:iam::${ACCOUNT_ID}:role/team/${name}`;
export const userArnOf = (name: string): string => `arn:aws:iam::${ACCOUNT_ID}:user/team/${name}`;

/** A policy document that allows one action pattern on everything. */
export const allowing = (action: string): JsonObject => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
});

/** Who may be the role: instances. */
export const TRUST: JsonObject = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
};
const CREATED = '2026-01-01T00:00:00Z';
/** What the managed policies of the account allow; `other` is for third parties. */
const MANAGED = { wide: 's3:*', narrow: 's3:GetObject', limit: '*', other: 's3:List*' } as const;

/** The account with that many roles `app`, `app-1`, ... and one user. */
export function smallAccount(roles = 1): JsonObject {
  return {
    UserDetailList: [
      {
        UserName: USER_NAME,
        UserId: 'AIDAAAAAAAAAAAAAAAAAA',
        Arn: userArnOf(USER_NAME),
        ...granted('UserPolicyList'),
      },
    ],
    GroupDetailList: [],
    RoleDetailList: Array.from({ length: roles }, (_, index) => roleDetail(index)),
    Policies: Object.entries(MANAGED).map(([name, action]) => ({
      PolicyName: name,
      PolicyId: `ANPA${name}`,
      Arn: policyArnOf(name),
      Path: '/p/',
      DefaultVersionId: 'v1',
      AttachmentCount: name === 'wide' ? roles + 1 : 0,
      PermissionsBoundaryUsageCount: name === 'limit' ? roles : 0,
      IsAttachable: true,
      PolicyVersionList: [
        {
          VersionId: 'v1',
          IsDefaultVersion: true,
          Document: allowing(action),
          CreateDate: CREATED,
        },
      ],
    })),
  };
}

/** The name of the role at an index. */
export function roleNameAt(index: number): string {
  return index === 0 ? ROLE_NAME : `${ROLE_NAME}-${index}`;
}

function roleDetail(index: number): JsonObject {
  const name = roleNameAt(index);
  return {
    RoleName: name,
    RoleId: `AROA${String(index).padStart(17, 'A')}`,
    Arn: roleArnOf(name),
    AssumeRolePolicyDocument: TRUST,
    InstanceProfileList: [],
    PermissionsBoundary: {
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: policyArnOf('limit'),
    },
    ...granted('RolePolicyList'),
  };
}

function granted(inlineField: string): JsonObject {
  return {
    Path: '/team/',
    CreateDate: CREATED,
    Tags: [{ Key: 'team', Value: 'core' }],
    AttachedManagedPolicies: [{ PolicyName: 'wide', PolicyArn: policyArnOf('wide') }],
    [inlineField]: [{ PolicyName: 'old', PolicyDocument: allowing('s3:GetObject') }],
  };
}
