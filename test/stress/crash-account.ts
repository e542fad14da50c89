import { readFileSync } from 'node:fs';
import type { Json, JsonObject } from '../../core/json.ts';

/** Who proposes the plans of the crash test. */
export const ACTOR = 'agent:iam-auditor';
export const IDEMPOTENCY_KEY = 'crash-test';

/** How a plan of six steps ends when nothing kills it. */
export type PlanName = 'commits' | 'fails';

const ACCOUNT_ID = '123456789012';
const CROWDED = 'crowded';
/** IAM's quota of managed policies attached to one role. */
const ATTACHED_MAX = 10;

/** The sample account with one more role, on which no policy can be attached any more. */
export function crashAccount(): JsonObject {
  const account = JSON.parse(readFileSync('examples/acme-account.json', 'utf8')) as {
    RoleDetailList: JsonObject[];
    Policies: { PolicyName: string; Arn: string }[];
  };
  const model = account.RoleDetailList.find((role) => role['RoleName'] === 'platform-admin');
  const attached = account.Policies.filter((policy) => policy.PolicyName !== 'ReadOnlyAccess')
    .slice(0, ATTACHED_MAX)
    .map(({ PolicyName, Arn }) => ({ PolicyName, PolicyArn: Arn }));
  const role: JsonObject = {
    ...model,
    RoleName: CROWDED,
    RoleId: 'AROAACME000000000099',
    Arn: `arn:aws:iam::${ACCOUNT_ID}:role/${CROWDED}`,
    AttachedManagedPolicies: attached,
  };
  return { ...account, RoleDetailList: [...account.RoleDetailList, role] };
}

/**
 * Six steps over roles and users; the fifth changes what the first has made. The last one of
 * `fails` is permitted and predicted, and then refused by the account: the role is full.
 */
export function crashPlan(name: PlanName): Json {
  const last = name === 'commits' ? DELETE_DEBUG : ATTACH_TO_CROWDED;
  const steps = [...STEPS, last].map((step, index) => ({ id: `step-${index + 1}`, ...step }));
  return {
    agent: 'iam-auditor',
    target: { partition: 'aws', accountId: ACCOUNT_ID },
    purpose: 'crash test',
    steps,
    deadlineMs: 900_000,
  };
}

const DELETE_DEBUG = {
  action: 'iam:DeleteRolePolicy',
  input: { RoleName: 'temporary-debug', PolicyName: 'debug' },
};

const ATTACH_TO_CROWDED = {
  action: 'iam:AttachRolePolicy',
  input: { RoleName: CROWDED, PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
};

const STEPS = [
  putOnCi(['lambda:CreateFunction', 'lambda:GetFunction']),
  {
    action: 'iam:DetachRolePolicy',
    input: {
      RoleName: 'ci-deploy',
      PolicyArn: `arn:aws:iam::${ACCOUNT_ID}:policy/acme-ci-deploy`,
    },
  },
  {
    action: 'iam:DeleteUserPolicy',
    input: { UserName: 'dave.contractor', PolicyName: 'temporary-access' },
  },
  {
    action: 'iam:PutRolePermissionsBoundary',
    input: {
      RoleName: 'platform-automation',
      PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
    },
  },
  putOnCi(['lambda:GetFunction']),
];

function putOnCi(actions: readonly string[]) {
  const statement = { Effect: 'Allow', Action: actions, Resource: '*' };
  return {
    action: 'iam:PutRolePolicy',
    input: {
      RoleName: 'ci-deploy',
      PolicyName: 'narrowed',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    },
  };
}
