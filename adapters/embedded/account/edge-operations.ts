import {
  checkIdentityPolicy,
  policyChars,
  ROLE_INLINE_CHARS_MAX,
  USER_INLINE_CHARS_MAX,
} from '../../../actions/iam/policy-text.ts';
import type { JsonObject } from '../../../core/json.ts';
import { acceptDocument } from './documents.ts';
import type { Entity, EntityEdit } from './entities.ts';
import {
  arnNamed,
  entityNamed,
  listAt,
  nameIn,
  type OperationContext,
  policyArnIn,
  policyAt,
  textIn,
  type WriteOperation,
  withFields,
  without,
} from './operation.ts';
import { inlineField, inlinePolicies } from './read-operations.ts';
import { noSuchEntity, refusal } from './refusals.ts';

type PrincipalKind = 'role' | 'user';
type Context = OperationContext<EntityEdit>;
type Change = (principal: Entity, input: JsonObject, context: Context) => void;

const INLINE_CHARS_MAX = { role: ROLE_INLINE_CHARS_MAX, user: USER_INLINE_CHARS_MAX } as const;

/** The operations that change what a principal is granted, by name without `iam:`. */
export const EDGE_OPERATIONS: Readonly<Record<string, WriteOperation>> = {
  AttachRolePolicy: ofPrincipal('role', attachKeys, attach),
  AttachUserPolicy: ofPrincipal('user', attachKeys, attach),
  DetachRolePolicy: ofPrincipal('role', attachKeys, detach),
  DetachUserPolicy: ofPrincipal('user', attachKeys, detach),
  PutRolePolicy: ofPrincipal('role', boundaryKeys, putInline),
  PutUserPolicy: ofPrincipal('user', boundaryKeys, putInline),
  DeleteRolePolicy: ofPrincipal('role', boundaryKeys, deleteInline),
  DeleteUserPolicy: ofPrincipal('user', boundaryKeys, deleteInline),
  PutRolePermissionsBoundary: ofPrincipal(
    'role',
    (_principal, input) => ({
      'iam:PermissionsBoundary': policyArnIn(input, 'PermissionsBoundary'),
    }),
    putBoundary,
  ),
  DeleteRolePermissionsBoundary: ofPrincipal('role', boundaryKeys, deleteBoundary),
};

/** Refuses to change a role that belongs to an AWS service. */
export function refuseServiceLinked(entity: Entity): void {
  if (entity.kind === 'role' && String(entity.body['Path']).startsWith('/aws-service-role/')) {
    throw refusal('UnmodifiableEntity', `the role \`${entity.name}\` belongs to an AWS service`);
  }
}

/** The ARN of an entity's permissions boundary. */
export function boundaryOf(entity: Entity): string | undefined {
  const boundary = entity.body['PermissionsBoundary'] as JsonObject | undefined;
  return boundary?.['PermissionsBoundaryArn'] as string | undefined;
}

/** Sets a principal's boundary and keeps the policies' counts of uses. */
export function withBoundary(entity: Entity, arn: string | undefined, context: Context): Entity {
  const before = boundaryOf(entity);
  if (before !== undefined) count(before, 'PermissionsBoundaryUsageCount', -1, context);
  if (arn !== undefined) count(arn, 'PermissionsBoundaryUsageCount', 1, context);
  const body = without(entity.body, ['PermissionsBoundary']);
  if (arn === undefined) return { ...entity, body };
  const boundary = { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: arn };
  return { ...entity, body: { ...body, PermissionsBoundary: boundary } };
}

function ofPrincipal(
  kind: PrincipalKind,
  keys: (principal: Entity | undefined, input: JsonObject) => Readonly<Record<string, string>>,
  change: Change,
): WriteOperation {
  return {
    resource: (input, context) => arnNamed(kind, input, context),
    conditionKeys: (input, context) =>
      keys(context.entities.byArn(arnNamed(kind, input, context)), input),
    run(input, context) {
      const principal = entityNamed(kind, nameIn(kind, input), context);
      refuseServiceLinked(principal);
      change(principal, input, context);
      return {};
    },
  };
}

function boundaryKeys(principal: Entity | undefined): Readonly<Record<string, string>> {
  const boundary = principal === undefined ? undefined : boundaryOf(principal);
  return boundary === undefined ? {} : { 'iam:PermissionsBoundary': boundary };
}

function attachKeys(
  principal: Entity | undefined,
  input: JsonObject,
): Readonly<Record<string, string>> {
  return { ...boundaryKeys(principal), 'iam:PolicyARN': policyArnIn(input) };
}

function attach(principal: Entity, input: JsonObject, context: Context): void {
  const policy = policyAt(policyArnIn(input), context);
  const attached = listAt(principal.body, 'AttachedManagedPolicies');
  if (attached.some((one) => one['PolicyArn'] === policy.arn)) return;
  if (policy.body['IsAttachable'] === false) {
    throw refusal('PolicyNotAttachable', `the policy \`${policy.arn}\` cannot be attached`);
  }
  const max = context.facts.limits.attachedPoliciesMax;
  if (attached.length >= max) {
    throw refusal('LimitExceeded', `\`${principal.name}\` has ${max} attached policies already`);
  }
  const edge = { PolicyName: policy.name, PolicyArn: policy.arn };
  context.entities.put(withFields(principal, { AttachedManagedPolicies: [...attached, edge] }));
  count(policy.arn, 'AttachmentCount', 1, context);
}

function detach(principal: Entity, input: JsonObject, context: Context): void {
  const policyArn = policyArnIn(input);
  const attached = listAt(principal.body, 'AttachedManagedPolicies');
  const kept = attached.filter((one) => one['PolicyArn'] !== policyArn);
  if (kept.length === attached.length) throw noSuchEntity('attached policy', policyArn);
  context.entities.put(withFields(principal, { AttachedManagedPolicies: kept }));
  count(policyArn, 'AttachmentCount', -1, context);
}

function putInline(principal: Entity, input: JsonObject, context: Context): void {
  const policyName = nameIn('policy', input);
  const text = textIn(input, 'PolicyDocument');
  acceptDocument(() => checkIdentityPolicy(text));
  const before = inlinePolicies(principal);
  const policy = { PolicyName: policyName, PolicyDocument: text };
  const after = before.some((one) => one['PolicyName'] === policyName)
    ? before.map((one) => (one['PolicyName'] === policyName ? policy : one))
    : [...before, policy];
  const chars = after.reduce((sum, one) => sum + policyChars(String(one['PolicyDocument'])), 0);
  const max = INLINE_CHARS_MAX[principal.kind as PrincipalKind];
  if (chars > max) {
    throw refusal('LimitExceeded', `the inline policies of \`${principal.name}\` exceed ${max}`);
  }
  context.entities.put(withFields(principal, { [inlineField(principal.kind)]: after }));
}

function deleteInline(principal: Entity, input: JsonObject, context: Context): void {
  const policyName = nameIn('policy', input);
  const before = inlinePolicies(principal);
  const after = before.filter((one) => one['PolicyName'] !== policyName);
  if (after.length === before.length) throw noSuchEntity('policy', policyName);
  context.entities.put(withFields(principal, { [inlineField(principal.kind)]: after }));
}

function putBoundary(principal: Entity, input: JsonObject, context: Context): void {
  const policy = policyAt(policyArnIn(input, 'PermissionsBoundary'), context);
  context.entities.put(withBoundary(principal, policy.arn, context));
}

function deleteBoundary(principal: Entity, _input: JsonObject, context: Context): void {
  if (boundaryOf(principal) === undefined) {
    throw noSuchEntity('permissions boundary of', principal.name);
  }
  context.entities.put(withBoundary(principal, undefined, context));
}

function count(policyArn: string, field: string, change: 1 | -1, context: Context): void {
  const policy = context.entities.byArn(policyArn);
  // A file may attach a policy that it does not list.
  if (policy === undefined) return;
  context.entities.put(withFields(policy, { [field]: Number(policy.body[field] ?? 0) + change }));
}
