import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { sha256Hex } from '../../core/hash.ts';
import type { Claim } from '../../core/transaction.ts';

/** One item as DynamoDB has it. */
export type Item = Readonly<Record<string, AttributeValue>>;
/** The key of an item in the transactions or decisions table. */
export type Key = Readonly<Record<'pk' | 'sk', AttributeValue>>;

/** Copies of the kill switch's fence, so that it is no hot item; they move together. */
export const FENCE_COPIES = 8;

/** The sort key of a transaction's row. */
export const ROW = 'row';
/** What the sort key of a claim begins with. */
export const CLAIM_PREFIX = 'claim#';

/** A text attribute. */
export const text = (value: string): AttributeValue => ({ S: value });
/** A number attribute. */
export const number = (value: number): AttributeValue => ({ N: String(value) });
/** A JSON value as a text attribute. */
export const json = (value: unknown): AttributeValue => ({ S: JSON.stringify(value) });

/** A text of an item; undefined when absent. */
export function textOf(item: Item | undefined, name: string): string | undefined {
  return item?.[name]?.S;
}

/** A number of an item; undefined when absent. */
export function numberOf(item: Item | undefined, name: string): number | undefined {
  const value = item?.[name]?.N;
  return value === undefined ? undefined : Number(value);
}

/** The JSON value in a text attribute; undefined when absent. */
export function jsonOf<Value>(item: Item | undefined, name: string): Value | undefined {
  const value = textOf(item, name);
  return value === undefined ? undefined : (JSON.parse(value) as Value);
}

/** A key of two texts. */
export function keyOf(pk: string, sk: string): Key {
  return { pk: text(pk), sk: text(sk) };
}

/** The partition of a transaction: its row, its large parts, its claims, the list of its locks. */
export function partitionOf(transactionId: string): string {
  return `tx#${transactionId}`;
}

/** The key of a transaction's row. */
export function rowKey(transactionId: string): Key {
  return keyOf(partitionOf(transactionId), ROW);
}

/** The key of an idempotency key of an actor. */
export function idempotencyKey(actor: string, key: string): Key {
  return keyOf(`key#${sha256Hex(JSON.stringify([actor, key]))}`, 'key');
}

/** The key of the lock on a resource, whose name may be longer than a key. */
export function lockKey(resource: string): Key {
  return keyOf(`lock#${sha256Hex(resource)}`, 'lock');
}

/** The key of the list of a transaction's locks. */
export function locksKey(transactionId: string): Key {
  return keyOf(partitionOf(transactionId), 'locks');
}

/**
 * The key of a claim: what it is of. A decision is of one step and attempt and so is the claim
 * that consumes it: that one key can be taken once is what makes a decision usable once.
 */
export function claimKey(
  claim: Pick<Claim, 'transactionId' | 'stepIndex' | 'kind' | 'attempt'>,
): Key {
  const { transactionId, stepIndex, kind, attempt } = claim;
  return keyOf(partitionOf(transactionId), `${CLAIM_PREFIX}${stepIndex}#${kind}#${attempt}`);
}

/** The key of a decision. */
export function decisionKey(id: string): Key {
  return keyOf(`decision#${id}`, 'decision');
}

/** The key of one copy of the fence. */
export function fenceKey(copy: number): Key {
  return keyOf(`fence#${copy}`, 'fence');
}

/** The copy of the fence that a name's claims look at. */
export function fenceCopyOf(name: string): number {
  return Number.parseInt(sha256Hex(name).slice(0, 2), 16) % FENCE_COPIES;
}
