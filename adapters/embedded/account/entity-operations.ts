import type { Json, JsonObject } from '../../../core/json.ts';
import { forgetPrincipal, rewriteTrust } from './documents.ts';
import { boundaryOf, refuseServiceLinked, withBoundary } from './edge-operations.ts';
import type { Entity, EntityEdit } from './entities.ts';
import { apiDetail } from './gaad.ts';
import {
  arnNamed,
  entityNamed,
  listAt,
  NAME_FIELDS,
  nameIn,
  type OperationContext,
  policyArnIn,
  policyAt,
  textIn,
  type WriteOperation,
  withFields,
} from './operation.ts';
import { inlineField, inlinePolicies } from './read-operations.ts';
import { alreadyExists, refusal } from './refusals.ts';

type PrincipalKind = 'role' | 'user';
type Context = OperationContext<EntityEdit>;

const ID_PREFIXES = { role: 'AROA', user: 'AIDA' } as const;

/** The operations on whole roles and users, by name without `iam:`. */
export const ENTITY_OPERATIONS: Readonly<Record<string, WriteOperation>> = {
  CreateRole: creating('role', (input, context) => ({
    AssumeRolePolicyDocument: rewriteTrust(
      textIn(input, 'AssumeRolePolicyDocument'),
      context.facts,
      context.entities,
    ),
    InstanceProfileList: [],
    [inlineField('role')]: [],
  })),
  CreateUser: creating('user', () => ({ GroupList: [] })),
  DeleteRole: changing('role', remove),
  DeleteUser: changing('user', remove),
  TagRole: changing('role', (role, input, context) => {
    const added = listAt(input, 'Tags');
    const kept = listAt(role.body, 'Tags').filter(
      (tag) => !added.some((one) => one['Key'] === tag['Key']),
    );
    context.entities.put(withFields(role, { Tags: [...kept, ...added] }));
  }),
  UpdateAssumeRolePolicy: changing('role', (role, input, context) => {
    refuseServiceLinked(role);
    const text = rewriteTrust(textIn(input, 'PolicyDocument'), context.facts, context.entities);
    context.entities.put(withFields(role, { AssumeRolePolicyDocument: text }));
  }),
};

/** The path in the input, `/` when absent. */
export function pathIn(input: JsonObject): string {
  const path = input['Path'] ?? '/';
  if (typeof path !== 'string' || path.length > 512 || !/^\/([!-~]+\/)?$/.test(path)) {
    throw refusal('ValidationError', '`Path` must begin and end with a slash');
  }
  return path;
}

function creating(
  kind: PrincipalKind,
  details: (input: JsonObject, context: Context) => JsonObject,
): WriteOperation {
  return {
    resource: (input, context) => newArn(kind, input, context),
    conditionKeys: (input) => {
      const boundary = input['PermissionsBoundary'];
      return typeof boundary === 'string' ? { 'iam:PermissionsBoundary': boundary } : {};
    },
    run(input, context) {
      const name = nameIn(kind, input);
      const { facts, entities } = context;
      const isTaken = entities.byName(kind, facts.accountId, name).length > 0;
      if (isTaken) throw alreadyExists(kind, name);
      const entity = newPrincipal(kind, input, context);
      const whole = withFields(entity, details(input, context));
      const boundary = input['PermissionsBoundary'];
      const arn =
        boundary === undefined
          ? undefined
          : policyAt(policyArnIn(input, 'PermissionsBoundary'), context).arn;
      const created = arn === undefined ? whole : withBoundary(whole, arn, context);
      entities.put(created);
      const label = kind === 'role' ? 'Role' : 'User';
      const { AttachedManagedPolicies: _attached, ...answer } = apiDetail(created);
      return { [label]: answer };
    },
  };
}

function newArn(kind: PrincipalKind, input: JsonObject, context: OperationContext): string {
  const { partition, accountId } = context.facts;
  return `arn:${partition}:iam::${accountId}:${kind}${pathIn(input)}${nameIn(kind, input)}`;
}

function newPrincipal(kind: PrincipalKind, input: JsonObject, context: Context): Entity {
  const { facts, entities, date } = context;
  const name = nameIn(kind, input);
  const arn = newArn(kind, input, context);
  const body: Record<string, Json> = {
    Path: pathIn(input),
    [NAME_FIELDS[kind]]: name,
    [kind === 'role' ? 'RoleId' : 'UserId']: facts.newId(ID_PREFIXES[kind]),
    Arn: arn,
    CreateDate: date,
    AttachedManagedPolicies: [],
    Tags: listAt(input, 'Tags'),
  };
  const position = entities.nextPosition();
  return { kind, arn, accountId: facts.accountId, name, position, versionsMade: 0, body };
}

function changing(
  kind: PrincipalKind,
  change: (entity: Entity, input: JsonObject, context: Context) => void,
): WriteOperation {
  return {
    resource: (input, context) => arnNamed(kind, input, context),
    conditionKeys: () => ({}),
    run(input, context) {
      change(entityNamed(kind, nameIn(kind, input), context), input, context);
      return {};
    },
  };
}

function remove(entity: Entity, _input: JsonObject, context: Context): void {
  refuseServiceLinked(entity);
  const edges = ['AttachedManagedPolicies', 'InstanceProfileList', 'GroupList'];
  const isHeld =
    inlinePolicies(entity).length > 0 ||
    edges.some((field) => ((entity.body[field] ?? []) as readonly Json[]).length > 0);
  if (isHeld) {
    throw refusal('DeleteConflict', `\`${entity.name}\` still has policies, groups or profiles`);
  }
  if (boundaryOf(entity) !== undefined) withBoundary(entity, undefined, context);
  context.entities.remove(entity.arn);
  const uniqueId = String(entity.body['RoleId'] ?? entity.body['UserId']);
  for (const role of context.entities.list()) {
    const trust = role.body['AssumeRolePolicyDocument'];
    if (typeof trust !== 'string' || !trust.includes(entity.arn)) continue;
    const text = forgetPrincipal(trust, entity.arn, uniqueId);
    context.entities.put(withFields(role, { AssumeRolePolicyDocument: text }));
  }
}
