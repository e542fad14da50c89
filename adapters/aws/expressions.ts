import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** Collects names and values, so that no reserved word and no clash can get into an expression. */
interface Binder {
  name(name: string): string;
  value(value: AttributeValue): string;
}

/** A condition on one item. */
export type Condition = (bind: Binder) => string;

export const equals =
  (name: string, value: AttributeValue): Condition =>
  (bind) =>
    `${bind.name(name)} = ${bind.value(value)}`;

export const above =
  (name: string, value: AttributeValue): Condition =>
  (bind) =>
    `${bind.name(name)} > ${bind.value(value)}`;

export const absent =
  (name: string): Condition =>
  (bind) =>
    `attribute_not_exists(${bind.name(name)})`;

export const present =
  (name: string): Condition =>
  (bind) =>
    `attribute_exists(${bind.name(name)})`;

export const oneOf =
  (name: string, values: readonly AttributeValue[]): Condition =>
  (bind) =>
    `${bind.name(name)} IN (${values.map((one) => bind.value(one)).join(', ')})`;

export const not =
  (condition: Condition): Condition =>
  (bind) =>
    `NOT (${condition(bind)})`;

export const all =
  (...conditions: readonly Condition[]): Condition =>
  (bind) =>
    conditions.map((one) => `(${one(bind)})`).join(' AND ');

export const any =
  (...conditions: readonly Condition[]): Condition =>
  (bind) =>
    conditions.map((one) => `(${one(bind)})`).join(' OR ');

/** What an update does to an item. */
export interface Update {
  readonly set?: Readonly<Record<string, AttributeValue>>;
  readonly remove?: readonly string[];
  /** Adds to sets. */
  readonly add?: Readonly<Record<string, AttributeValue>>;
}

interface Names {
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/** The parameters of a conditional put, delete or check. */
export function conditionOf(
  condition: Condition,
): Names & { readonly ConditionExpression: string } {
  const { bind, names } = binder();
  return { ConditionExpression: condition(bind), ...names() };
}

/** The parameters of a conditional update. */
export function updateOf(
  { set = {}, remove = [], add = {} }: Update,
  condition: Condition,
): Names & { readonly UpdateExpression: string; readonly ConditionExpression: string } {
  const { bind, names } = binder();
  const pairs = (values: Readonly<Record<string, AttributeValue>>, sign: string) =>
    Object.entries(values).map(([name, value]) => `${bind.name(name)}${sign}${bind.value(value)}`);
  const clauses = [
    ['SET', pairs(set, ' = ')],
    ['REMOVE', remove.map((name) => bind.name(name))],
    ['ADD', pairs(add, ' ')],
  ] as const;
  const UpdateExpression = clauses
    .filter(([, parts]) => parts.length > 0)
    .map(([verb, parts]) => `${verb} ${parts.join(', ')}`)
    .join(' ');
  return { UpdateExpression, ConditionExpression: condition(bind), ...names() };
}

/** The parameters of a query by condition on the key. */
export function queryOf(condition: Condition): Names & { readonly KeyConditionExpression: string } {
  const { bind, names } = binder();
  return { KeyConditionExpression: condition(bind), ...names() };
}

export const startsWith =
  (name: string, value: AttributeValue): Condition =>
  (bind) =>
    `begins_with(${bind.name(name)}, ${bind.value(value)})`;

export const below =
  (name: string, value: AttributeValue): Condition =>
  (bind) =>
    `${bind.name(name)} < ${bind.value(value)}`;

export const atMost =
  (name: string, value: AttributeValue): Condition =>
  (bind) =>
    `${bind.name(name)} <= ${bind.value(value)}`;

export const atLeast =
  (name: string, value: AttributeValue): Condition =>
  (bind) =>
    `${bind.name(name)} >= ${bind.value(value)}`;

function binder(): { readonly bind: Binder; readonly names: () => Names } {
  const known = new Map<string, string>();
  const values: Record<string, AttributeValue> = {};
  const bind: Binder = {
    name(name) {
      const placeholder = known.get(name) ?? `#n${known.size}`;
      known.set(name, placeholder);
      return placeholder;
    },
    value(value) {
      const placeholder = `:v${Object.keys(values).length}`;
      values[placeholder] = value;
      return placeholder;
    },
  };
  const names = (): Names => ({
    ExpressionAttributeNames: Object.fromEntries([...known].map(([name, key]) => [key, name])),
    // An empty map is refused.
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
  });
  return { bind, names };
}
