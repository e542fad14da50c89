import { type Drift, drift } from '../../../core/drift/drift.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { CloudRequest } from '../../../core/ports/cloud.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import { caseNamed } from './action-cases.ts';

export const MINUTE_MS = 60_000;
/** Takes the policy `wide` from the role, and what gives it back. */
export const detach = caseNamed('iam:DetachRolePolicy').step;
export const attachAgain: CloudRequest = {
  operation: 'iam:AttachRolePolicy',
  input: detach.input,
};
/** Writes the inline policy `scoped`. */
export const putScoped = caseNamed('iam:PutRolePolicy').step;
export const putScopedAgain: CloudRequest = {
  operation: putScoped.action,
  input: putScoped.input,
};
/** What somebody else writes there. */
export const rewriteScoped: CloudRequest = {
  operation: putScoped.action,
  input: { ...putScoped.input, PolicyDocument: documentOf('s3:GetBucketAcl') },
};
/** Takes the inline policy `scoped` away. */
export const deleteScoped = {
  action: 'iam:DeleteRolePolicy',
  input: { RoleName: putScoped.input['RoleName'] ?? '', PolicyName: 'scoped' },
};

/** What the account of some ports shows of all that was left in it. */
export function driftOf(ports: Ports, since = 0): Promise<Drift> {
  return drift(ports, { since });
}

function documentOf(action: string): string {
  const statement: JsonObject = { Effect: 'Allow', Action: action, Resource: '*' };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}
