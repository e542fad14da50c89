import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ACCOUNT_PLACE } from '../adapters/aws/account-roles.ts';

/** The path of all of Interlock's own roles; the action role denies whatever is under it. */
export const ROLE_PATH = '/interlock/';

/** What logs and metrics of a stage go by. */
export function serviceName(stage: string): string {
  return `interlock-${stage}`;
}

/** The roles that two accounts must agree on, so that their names are fixed. */
export type SharedRole = 'vault' | 'action' | 'enumerate' | 'audit';

/** The name of the role that an agent comes with, as `agents.json` has it. */
export function agentRoleName(stage: string, agent: string): string {
  return `interlock-${stage}-${agent}`;
}

/** The name of a role that two accounts must agree on. */
export function roleName(stage: string, role: SharedRole): string {
  return `interlock-${stage}-${role}`;
}

/** The ARN of such a role in an account. */
export function roleArn(
  scope: Construct,
  role: { readonly stage: string; readonly role: SharedRole; readonly account: string },
): string {
  const { partition } = Stack.of(scope);
  const name = roleName(role.stage, role.role);
  return `arn:${partition}:iam::${role.account}:role${ROLE_PATH}${name}`;
}

/**
 * What a function is told of a role that each of some accounts has: not the ARN of each, since all
 * variables of a function have 4 KB together ("Lambda quotas").
 */
export function rolesOfAccounts(
  scope: Construct,
  roles: {
    readonly stage: string;
    readonly role: SharedRole;
    readonly accounts: readonly string[];
  },
): Readonly<Record<'ACCOUNT_ROLE' | 'TARGET_ACCOUNTS', string>> {
  const { accounts, ...which } = roles;
  return {
    ACCOUNT_ROLE: roleArn(scope, { ...which, account: ACCOUNT_PLACE }),
    TARGET_ACCOUNTS: accounts.join(' '),
  };
}

/**
 * The operators' kill switch. No template has a resource of that name: a parameter that is absent
 * halts, and what no deployment manages no deployment can release.
 */
export function killSwitchName(stage: string): string {
  return `/interlock/${stage}/kill-switch`;
}

/** Who is in this group of the user pool is an operator; the API asks for the same name. */
export { OPERATORS_GROUP } from '../adapters/aws/principals.ts';
