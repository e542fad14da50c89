import { setTimeout } from 'node:timers/promises';
import {
  type AttributeValue,
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { InvalidInputError, TransientError } from '../../core/errors.ts';
import { nameOf, repeatable } from './sdk-errors.ts';
import type { Item } from './store-items.ts';

/** "Quotas", DynamoDB developer guide. */
export const TRANSACT_ITEMS_MAX = 100;
export const TRANSACT_BYTES_MAX = 4 * 1024 * 1024;
/** How often a write is made again that met another one on the same item. */
const ATTEMPTS_MAX = 10;
const WAIT_MS = 8;
const WAIT_MS_MAX = 400;

/** One item of an atomic write, and what it means when its condition does not hold. */
export interface Part {
  readonly item: TransactWriteItem;
  /** `old` is the item as it is, where there is one. */
  readonly refuse: (old: Item | undefined) => Error | Promise<Error>;
}

/**
 * Writes all parts or none, in one TransactWriteItems. Throws what the first part that is refused
 * says; `InvalidInputError` (`change-too-large`) beyond DynamoDB's bounds, `TransientError` when
 * other writers are in the way for too long or nobody answers.
 */
export async function transact(client: DynamoDBClient, parts: readonly Part[]): Promise<void> {
  requireSize(parts);
  const TransactItems = parts.map(({ item }) => withOldImage(item));
  await untilUncontended(async () => {
    try {
      // The SDK puts a token in: the same call, made again by it, is the same write.
      await client.send(new TransactWriteItemsCommand({ TransactItems }));
    } catch (error) {
      throw (await refusalOf(error, parts)) ?? error;
    }
  });
}

/**
 * Makes a write, again when another one was at the same item: nothing was written then. Throws
 * `TransientError` when that does not end, and for throttled and unanswered calls.
 */
export async function untilUncontended<Result>(write: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await repeatable('store-unreachable', write);
    } catch (cause) {
      if (!isContended(cause)) throw cause;
      if (attempt === ATTEMPTS_MAX)
        throw new TransientError('store-busy', 'other writers are at the same items', { cause });
    }
    await setTimeout(Math.random() * Math.min(WAIT_MS_MAX, WAIT_MS * 2 ** attempt));
  }
}

/** Reasons for which DynamoDB wrote nothing and may write the same a moment later. */
const CONTENDED = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

function isContended(error: unknown): boolean {
  if (error instanceof TransactionCanceledException)
    return reasonsOf(error).some(({ Code = '' }) => CONTENDED.has(Code));
  return ['TransactionConflictException', 'TransactionInProgressException'].includes(nameOf(error));
}

async function refusalOf(error: unknown, parts: readonly Part[]): Promise<Error | undefined> {
  if (!(error instanceof TransactionCanceledException) || isContended(error)) return undefined;
  const reasons = reasonsOf(error);
  const at = reasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
  return at < 0 ? undefined : parts[at]?.refuse(reasons[at]?.Item);
}

function reasonsOf(error: TransactionCanceledException): readonly CancellationReason[] {
  return error.CancellationReasons ?? [];
}

function withOldImage({ Put, Update, Delete, ConditionCheck }: TransactWriteItem) {
  const image = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  if (Put !== undefined) return { Put: { ...Put, ...image } };
  if (Update !== undefined) return { Update: { ...Update, ...image } };
  if (Delete !== undefined) return { Delete: { ...Delete, ...image } };
  return { ConditionCheck: ConditionCheck && { ...ConditionCheck, ...image } };
}

function requireSize(parts: readonly Part[]): void {
  const bytes = parts.reduce((sum, { item }) => sum + bytesOf(item), 0);
  if (parts.length <= TRANSACT_ITEMS_MAX && bytes <= TRANSACT_BYTES_MAX) return;
  throw new InvalidInputError(
    'change-too-large',
    `${parts.length} items with ${bytes} bytes do not fit into one atomic write`,
    { hint: 'propose fewer steps in one plan' },
  );
}

function bytesOf({ Put, Update }: TransactWriteItem): number {
  return itemBytes(Put?.Item ?? {}) + itemBytes(Update?.ExpressionAttributeValues ?? {});
}

/** Bytes of an item, as DynamoDB counts them, give or take the few of numbers and lists. */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

function valueBytes({ S, N, B, L, SS }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (B !== undefined) return B.length;
  if (L !== undefined) return L.reduce((sum, one) => sum + 1 + valueBytes(one), 3);
  if (SS !== undefined) return SS.reduce((sum, one) => sum + 1 + Buffer.byteLength(one), 3);
  return N === undefined ? 1 : N.length;
}
