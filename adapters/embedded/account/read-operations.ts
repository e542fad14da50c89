import type { JsonObject } from '../../../core/json.ts';
import type { Entity, EntityKind } from './entities.ts';
import { allDetails, apiDetail, encodeText } from './gaad.ts';
import {
  arnNamed,
  entityNamed,
  listAt,
  NAME_FIELDS,
  nameIn,
  type OperationContext,
  policyArnIn,
  policyAt,
  type ReadOperation,
  textIn,
  without,
} from './operation.ts';
import { noSuchEntity, refusal } from './refusals.ts';

type NamedKind = Exclude<EntityKind, 'policy'>;

const PAGE_ITEMS = 100;
const PAGE_ITEMS_MAX = 1000;
/** Fields of a GAAD detail that `GetRole` and its like do not answer. */
const LISTED_FIELDS = [
  'RolePolicyList',
  'UserPolicyList',
  'GroupPolicyList',
  'AttachedManagedPolicies',
  'GroupList',
  'InstanceProfileList',
];

/** The operations that change nothing, by name without `iam:`. */
export const READ_OPERATIONS: Readonly<Record<string, ReadOperation>> = {
  GetRole: ofNamed('role', (role) => ({ Role: without(apiDetail(role), LISTED_FIELDS) })),
  GetUser: ofNamed('user', (user) => ({ User: without(apiDetail(user), LISTED_FIELDS) })),
  ListAttachedRolePolicies: ofNamed('role', attachedPolicies),
  ListAttachedUserPolicies: ofNamed('user', attachedPolicies),
  ListAttachedGroupPolicies: ofNamed('group', attachedPolicies),
  ListRolePolicies: ofNamed('role', inlineNames),
  ListUserPolicies: ofNamed('user', inlineNames),
  ListGroupPolicies: ofNamed('group', inlineNames),
  GetRolePolicy: ofNamed('role', inlineDocument),
  GetUserPolicy: ofNamed('user', inlineDocument),
  GetGroupPolicy: ofNamed('group', inlineDocument),
  ListGroupsForUser: ofNamed('user', groupsOf),
  GetPolicy: ofPolicy((policy) => ({
    Policy: without(apiDetail(policy), ['PolicyVersionList']),
  })),
  GetPolicyVersion: ofPolicy((policy, input) => {
    const versionId = textIn(input, 'VersionId');
    const version = listAt(apiDetail(policy), 'PolicyVersionList').find(
      (one) => one['VersionId'] === versionId,
    );
    if (version === undefined) throw noSuchEntity('policy version', versionId);
    return { PolicyVersion: version };
  }),
  GetAccountAuthorizationDetails: {
    resource: () => '*',
    conditionKeys: () => ({}),
    run: (_input, { entities }) => ({
      ...allDetails(entities.list(), apiDetail),
      IsTruncated: false,
    }),
  },
};

function ofNamed(
  kind: NamedKind,
  answer: (entity: Entity, input: JsonObject, context: OperationContext) => JsonObject,
): ReadOperation {
  return {
    resource: (input, context) => arnNamed(kind, input, context),
    conditionKeys: () => ({}),
    run: (input, context) =>
      answer(entityNamed(kind, nameIn(kind, input), context), input, context),
  };
}

function ofPolicy(answer: (policy: Entity, input: JsonObject) => JsonObject): ReadOperation {
  return {
    resource: (input) => policyArnIn(input),
    conditionKeys: () => ({}),
    run: (input, context) => answer(policyAt(policyArnIn(input), context), input),
  };
}

function attachedPolicies(entity: Entity, input: JsonObject): JsonObject {
  return page('AttachedPolicies', listAt(entity.body, 'AttachedManagedPolicies'), input);
}

function inlineNames(entity: Entity, input: JsonObject): JsonObject {
  const names = inlinePolicies(entity).map((policy) => policy['PolicyName'] as string);
  return page('PolicyNames', names, input);
}

function inlineDocument(entity: Entity, input: JsonObject): JsonObject {
  const policyName = nameIn('policy', input);
  const found = inlinePolicies(entity).find((policy) => policy['PolicyName'] === policyName);
  if (found === undefined) throw noSuchEntity('policy', policyName);
  return {
    [NAME_FIELDS[entity.kind]]: entity.name,
    PolicyName: policyName,
    PolicyDocument: encodeText(found['PolicyDocument'] as string),
  };
}

function groupsOf(user: Entity, input: JsonObject, context: OperationContext): JsonObject {
  const names = (user.body['GroupList'] ?? []) as readonly string[];
  const groups = names.map((name) =>
    without(entityNamed('group', name, context).body, LISTED_FIELDS),
  );
  return page('Groups', groups, input);
}

/** The inline policies of a user, group or role. */
export function inlinePolicies(entity: Entity): readonly JsonObject[] {
  return listAt(entity.body, inlineField(entity.kind));
}

/** The detail's field that holds the inline policies of that kind. */
export function inlineField(kind: EntityKind): string {
  return { user: 'UserPolicyList', group: 'GroupPolicyList', role: 'RolePolicyList', policy: '' }[
    kind
  ];
}

function page(
  field: string,
  items: readonly (string | JsonObject)[],
  input: JsonObject,
): JsonObject {
  const size = input['MaxItems'] ?? PAGE_ITEMS;
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > PAGE_ITEMS_MAX) {
    throw refusal('ValidationError', `\`MaxItems\` must be between 1 and ${PAGE_ITEMS_MAX}`);
  }
  const start = Number(input['Marker'] ?? '0');
  if (!Number.isInteger(start) || start < 0) throw refusal('InvalidInput', 'unknown `Marker`');
  const end = start + size;
  const more = end < items.length;
  return {
    [field]: items.slice(start, end),
    IsTruncated: more,
    ...(more ? { Marker: String(end) } : {}),
  };
}
