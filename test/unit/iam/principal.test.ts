import { describe, expect, it } from '@jest/globals';
import { NotFoundError } from '../../../core/errors.ts';
import { type Account, parseAccount } from '../../../iam/account.ts';
import { can, grantsOf, type PrincipalGrants } from '../../../iam/principal.ts';
import { allow, deny, policyText, type StatementText, whenever } from './policy-texts.ts';

const arn = (rest: string): string => `arn:aws:iam::111122223333:${rest}`;
const documentOf = (...statements: readonly StatementText[]): unknown =>
  JSON.parse(policyText(...statements));
const attach = (...names: readonly string[]): unknown =>
  names.map((PolicyName) => ({ PolicyName, PolicyArn: arn(`policy/${PolicyName}`) }));
const account: Account = parseAccount({
  UserDetailList: [
    {
      UserName: 'ann',
      UserId: 'AIDA1',
      Arn: arn('user/ann'),
      GroupList: ['staff', 'gone'],
      AttachedManagedPolicies: attach('read', 'missing'),
      UserPolicyList: [{ PolicyName: 'own', PolicyDocument: documentOf(allow('ec2:*')) }],
    },
  ],
  RoleDetailList: [
    {
      RoleName: 'staff',
      RoleId: 'AROA1',
      Arn: arn('role/team/staff'),
      AssumeRolePolicyDocument: documentOf({ ...allow('sts:AssumeRole', null), Principal: '*' }),
      PermissionsBoundary: { PermissionsBoundaryArn: arn('policy/read') },
      RolePolicyList: [{ PolicyName: 'own', PolicyDocument: documentOf(allow('*')) }],
    },
  ],
  GroupDetailList: [
    {
      GroupName: 'staff',
      GroupId: 'AGPA1',
      Arn: arn('group/staff'),
      AttachedManagedPolicies: attach('deny'),
      GroupPolicyList: [{ PolicyName: 'own', PolicyDocument: documentOf(allow('sqs:*')) }],
    },
    {
      GroupName: 'others',
      GroupId: 'AGPA2',
      Arn: arn('group/others'),
      AttachedManagedPolicies: attach('read'),
    },
  ],
  Policies: [
    ['read', documentOf(allow('s3:Get*'))],
    ['deny', documentOf(deny('ec2:Run*'))],
  ].map(([PolicyName, Document]) => ({
    PolicyName,
    PolicyId: `ANPA${PolicyName}`,
    Arn: arn(`policy/${PolicyName}`),
    DefaultVersionId: 'v1',
    PolicyVersionList: [{ VersionId: 'v1', Document }],
  })),
});

describe('the grants of a principal', () => {
  it('are not known of one that is not there', () => {
    const ask = (): unknown => grantsOf(account, arn('user/bob'));

    expect(ask).toThrow(NotFoundError);
    expect(ask).toThrow(arn('user/bob'));
  });

  it('of a user are its own and those of its groups; a missing policy is an empty text', () => {
    const { identity, boundary } = grantsOf(account, arn('user/ann'));

    expect(identity.map((each) => [each.source, each.documentText])).toEqual([
      [arn('policy/read'), policyText(allow('s3:Get*'))],
      [arn('policy/missing'), ''],
      ['own', policyText(allow('ec2:*'))],
      ['group/staff/deny', policyText(deny('ec2:Run*'))],
      ['group/staff/own', policyText(allow('sqs:*'))],
    ]);
    expect(boundary).toBeUndefined();
  });

  it('of a role have its boundary and nothing of a group of its name', () => {
    const { identity, boundary } = grantsOf(account, arn('role/team/staff'));

    expect(identity.map((each) => each.source)).toEqual(['own']);
    expect(boundary).toBe(policyText(allow('s3:Get*')));
  });
});

describe('what a principal can do', () => {
  const grants = (texts: readonly string[], boundary?: string): PrincipalGrants => ({
    identity: texts.map((documentText) => ({ source: 'x', documentText })),
    ...(boundary === undefined ? {} : { boundary }),
  });
  const S3 = policyText(allow('s3:*'));
  const MFA = policyText(allow('s3:*', '*', whenever('Bool', 'mfa', 'true')));
  const NO_S3 = policyText(deny('s3:*'));
  const NO_MFA = policyText(deny('s3:*', '*', whenever('Bool', 'mfa', 'false')));
  const rows: readonly [string, PrincipalGrants, 'yes' | 'no' | 'depends'][] = [
    ['without grants', grants([]), 'no'],
    ['without grants in a wide boundary', grants([], S3), 'no'],
    ['with an Allow', grants([S3]), 'yes'],
    ['with an Allow and a Deny', grants([S3, NO_S3]), 'no'],
    ['with an Allow that depends', grants([MFA]), 'depends'],
    ['with a Deny that depends', grants([S3, NO_MFA]), 'depends'],
    ['in a boundary that allows', grants([S3], S3), 'yes'],
    ['in a boundary that does not', grants([S3], policyText(allow('ec2:*'))), 'no'],
    ['in a boundary that denies', grants([S3], NO_S3), 'no'],
    ['in a boundary that depends', grants([S3], MFA), 'depends'],
    ['with a policy that cannot be read', grants([S3, '']), 'depends'],
    ['with only a policy that cannot be read', grants(['']), 'depends'],
    ['with a Deny and a policy that cannot be read', grants(['', NO_S3]), 'no'],
    ['in a boundary that cannot be read', grants([S3], ''), 'depends'],
    ['without grants in a boundary that cannot be read', grants([], ''), 'no'],
  ];
  it.each(rows)('%s', (_what, given, expected) => {
    expect(can(given, { action: 's3:GetObject', resource: '*' })).toBe(expected);
  });
});
