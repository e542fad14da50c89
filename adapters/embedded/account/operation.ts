import type { Json, JsonObject } from '../../../core/json.ts';
import type { Entities, Entity, EntityEdit, EntityKind } from './entities.ts';
import { noSuchEntity, refusal } from './refusals.ts';

/** IAM quotas that can differ from account to account; see "IAM and AWS STS quotas". */
export interface AccountLimits {
  readonly attachedPoliciesMax: number;
  readonly policyVersionsMax: number;
}

/** What the operations of one account know of it. */
export interface AccountFacts {
  readonly partition: string;
  readonly accountId: string;
  readonly limits: AccountLimits;
  /** A fresh unique id: the prefix and 17 characters. */
  newId(prefix: string): string;
}

/** What an operation works on. */
export interface OperationContext<View extends Entities = Entities> {
  readonly facts: AccountFacts;
  readonly entities: View;
  /** RFC 3339, in seconds, as IAM writes dates. */
  readonly date: string;
}

/** One operation of the IAM API, as authorisation and execution see it. */
export interface Operation<View extends Entities = Entities> {
  /** The ARN that the caller needs permission for; throws `ValidationError` on bad input. */
  resource(input: JsonObject, context: OperationContext): string;
  /** The condition keys that IAM fills in for the call. */
  conditionKeys(input: JsonObject, context: OperationContext): Readonly<Record<string, string>>;
  run(input: JsonObject, context: OperationContext<View>): JsonObject;
}

/** An operation that changes nothing. */
export type ReadOperation = Operation<Entities>;
/** An operation that changes the account. */
export type WriteOperation = Operation<EntityEdit>;

/** The name field of each kind in inputs and details. */
export const NAME_FIELDS = {
  user: 'UserName',
  group: 'GroupName',
  role: 'RoleName',
  policy: 'PolicyName',
} as const satisfies Record<EntityKind, string>;

const NAME_CHARS_MAX = { user: 64, group: 128, role: 64, policy: 128 } as const;
const ARN_CHARS_MIN = 20;
const ARN_CHARS_MAX = 2048;

/** The name of an entity of that kind in the input. */
export function nameIn(kind: EntityKind, input: JsonObject): string {
  const name = textIn(input, NAME_FIELDS[kind]);
  if (name.length > NAME_CHARS_MAX[kind] || !/^[\w+=,.@-]+$/.test(name)) {
    throw refusal('ValidationError', `\`${NAME_FIELDS[kind]}\` is not a valid name`);
  }
  return name;
}

/** The policy ARN in the input, `PolicyArn` unless another field is named. */
export function policyArnIn(input: JsonObject, field = 'PolicyArn'): string {
  const arn = textIn(input, field);
  if (arn.length < ARN_CHARS_MIN || arn.length > ARN_CHARS_MAX || !arn.startsWith('arn:')) {
    throw refusal('ValidationError', `\`${field}\` is not a valid ARN`);
  }
  return arn;
}

/** A required text field of the input. */
export function textIn(input: JsonObject, field: string): string {
  const value = input[field];
  if (typeof value !== 'string' || value === '') {
    throw refusal('ValidationError', `\`${field}\` must be a text that is not empty`);
  }
  return value;
}

/** The entity of the account's own by name; `NoSuchEntity` otherwise. */
export function entityNamed(kind: EntityKind, name: string, context: OperationContext): Entity {
  const found = context.entities
    .byName(kind, context.facts.accountId, name)
    .find((entity) => entity.name === name);
  if (found === undefined) throw noSuchEntity(kind, name);
  return found;
}

/** The managed policy at an ARN, the account's own or AWS's; `NoSuchEntity` otherwise. */
export function policyAt(arn: string, context: OperationContext): Entity {
  const found = context.entities.byArn(arn);
  const isReachable = found?.accountId === 'aws' || found?.accountId === context.facts.accountId;
  if (found?.kind !== 'policy' || !isReachable) throw noSuchEntity('policy', arn);
  return found;
}

/** The ARN to authorise for a named entity: its own, or the one that it would have. */
export function arnNamed(kind: EntityKind, input: JsonObject, context: OperationContext): string {
  const name = nameIn(kind, input);
  const { partition, accountId } = context.facts;
  const found = context.entities
    .byName(kind, accountId, name)
    .find((entity) => entity.name === name);
  return found?.arn ?? `arn:${partition}:iam::${accountId}:${kind}/${name}`;
}

/** The list at a field of a detail; absent is empty. */
export function listAt(body: JsonObject, field: string): readonly JsonObject[] {
  const value: Json | undefined = body[field];
  return Array.isArray(value) ? (value as readonly JsonObject[]) : [];
}

/** A detail without some of its fields. */
export function without(body: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([field]) => !fields.includes(field)));
}

/** The entity with some fields of its detail set. */
export function withFields(entity: Entity, fields: JsonObject): Entity {
  return { ...entity, body: { ...entity.body, ...fields } };
}
