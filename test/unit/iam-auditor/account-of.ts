/** A GAAD value with one role `subject` (or user) under the given policies, and bystanders to escalate to. */
export interface Given {
  readonly type?: 'user' | 'role';
  readonly inline?: Readonly<Record<string, unknown>>;
  readonly boundary?: unknown;
  readonly trust?: unknown;
  readonly path?: string;
  readonly tags?: readonly { readonly Key: string; readonly Value: string }[];
}

const ACCOUNT = '111122223333';
export const arnOf = (kind: string): string => `arn:aws:iam::${ACCOUNT}:${kind}`;
export const documentOf = (...Statement: readonly unknown[]): unknown => ({
  Version: '2012-10-17',
  Statement,
});
export const allow = (Action: unknown, Resource: unknown = '*', more: object = {}): unknown => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
export const deny = (Action: unknown, Resource: unknown = '*'): unknown => ({
  Effect: 'Deny',
  Action,
  Resource,
});

/** Builds the account; the principal under test is `subject`. */
export function accountOf(given: Given): unknown {
  const type = given.type ?? 'role';
  const path = given.path ?? '/';
  const inline = Object.entries(given.inline ?? {}).map(([PolicyName, PolicyDocument]) => ({
    PolicyName,
    PolicyDocument,
  }));
  const common = {
    Path: path,
    Arn: arnOf(`${type}${path}subject`),
    AttachedManagedPolicies: [],
    Tags: given.tags ?? [],
    ...(given.boundary === undefined
      ? {}
      : { PermissionsBoundary: { PermissionsBoundaryArn: arnOf('policy/bound') } }),
  };
  const user = { ...common, UserName: 'subject', UserId: 'AIDA1', UserPolicyList: inline };
  const trust = given.trust ?? trustOf({ Service: 'ec2.amazonaws.com' });
  const role = { ...common, RoleName: 'subject', RoleId: 'AROA1', RolePolicyList: inline };
  const target = {
    Path: '/',
    Arn: arnOf('role/target'),
    RoleName: 'target',
    RoleId: 'AROA2',
    AssumeRolePolicyDocument: trustOf({ Service: SERVICES }),
  };
  return {
    UserDetailList: [
      ...(type === 'user' ? [user] : []),
      { Path: '/', Arn: arnOf('user/other'), UserName: 'other', UserId: 'AIDA2' },
    ],
    RoleDetailList: [
      ...(type === 'role' ? [{ ...role, AssumeRolePolicyDocument: trust }] : []),
      target,
    ],
    GroupDetailList: [{ Path: '/', Arn: arnOf('group/team'), GroupName: 'team', GroupId: 'AGPA1' }],
    Policies: [
      policyOf('bound', given.boundary ?? documentOf(allow('s3:GetObject'))),
      policyOf('shared', documentOf(allow('s3:GetObject', 'arn:aws:s3:::one/*'))),
    ],
  };
}

const SERVICES = [
  ...['lambda', 'ec2', 'glue', 'cloudformation', 'datapipeline', 'sagemaker', 'codebuild'],
  ...['ecs-tasks', 'states', 'ssm', 'scheduler'],
].map((each) => `${each}.amazonaws.com`);

export const trustOf = (Principal: unknown, more: object = {}): unknown =>
  documentOf({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...more });

const policyOf = (name: string, Document: unknown): unknown => ({
  PolicyName: name,
  PolicyId: `ANPA${name}`,
  Arn: arnOf(`policy/${name}`),
  DefaultVersionId: 'v1',
  PolicyVersionList: [{ VersionId: 'v1', Document }],
});
