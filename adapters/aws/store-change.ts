import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { InvariantError } from '../../core/errors.ts';
import type { Change, Decision } from '../../core/ports/store.ts';
import { movedOn } from '../../core/store-refusals.ts';
import type { Claim } from '../../core/transaction.ts';
import { absent, all, type Condition, conditionOf, equals, updateOf } from './expressions.ts';
import { type Item, json, number, rowKey, text } from './store-items.ts';
import { partOf } from './store-parts.ts';
import type { TableReader } from './store-reads.ts';
import { recordItems } from './store-records.ts';
import { OPEN } from './store-rows.ts';
import type { Part } from './store-transact.ts';
import type { TableNames } from './tables.ts';

/** The store's tables, and its consistent reads of them. */
export interface StoreParts {
  readonly tables: TableNames;
  readonly transactions: TableReader;
  readonly decisions: TableReader;
  /** Where the next seal stands among those that are pending. */
  readonly nextSealPosition: () => string;
}

/** A change while its parts are put together; what one write makes, a later one may need. */
export interface Draft extends StoreParts {
  readonly change: Change;
  readonly decided: Map<string, Decision>;
  /** Of this change, by attempt; they are put at its end, with their marks. */
  readonly claimed: Map<string, { claim: Claim; readonly parts: readonly Part[] }>;
  readonly locked: Set<string>;
}

/** What a row must be like for a change. */
export function expectedRow({ expect, records }: Change): Condition {
  const { stepIndex, phase, attempt } = expect.cursor;
  const [first] = records;
  return all(
    equals('epoch', number(expect.epoch)),
    equals('stepIndex', number(stepIndex)),
    equals('phase', text(phase)),
    equals('attempt', number(attempt)),
    ...(first === undefined ? [] : [equals('nextSeq', number(first.seq))]),
  );
}

/** The row, with the chunks of its large parts. */
export function rowParts({ tables, change }: Draft): readonly Part[] {
  const { transactionId, update, records } = change;
  const { cursor, status, reason, resolution, sealed, approval } = update;
  const large = (['targets', 'prepared'] as const).flatMap((field) =>
    update[field] === undefined ? [] : [{ field, part: partOf(transactionId, update[field]) }],
  );
  const [first] = records;
  const set: Record<string, AttributeValue> = {
    stepIndex: number(cursor.stepIndex),
    phase: text(cursor.phase),
    attempt: number(cursor.attempt),
    ...(first === undefined ? {} : { nextSeq: number(first.seq + records.length) }),
    ...(status === undefined ? {} : { status: text(status) }),
    ...(reason === undefined ? {} : { reason: json(reason) }),
    ...(resolution === undefined ? {} : { resolution: json(resolution) }),
    ...(approval === undefined ? {} : { approval: json(approval) }),
    ...(sealed === undefined ? {} : { sealed: { BOOL: sealed } }),
    ...(sealed === false ? { open: text(OPEN) } : {}),
    ...Object.fromEntries(large.map(({ field, part }) => [field, text(part.pointer)])),
  };
  const changes = { set, remove: sealed === true ? ['open'] : [] };
  const row: Part = {
    item: {
      Update: {
        TableName: tables.transactions,
        Key: { ...rowKey(transactionId) },
        ...updateOf(changes, expectedRow(change)),
      },
    },
    refuse: () => movedOn(change.transactionId),
  };
  return [row, ...large.flatMap(({ part }) => chunkParts(tables, part.items))];
}

/** Chunks are named by what is in them: the same again is the same. */
export function chunkParts(tables: TableNames, items: readonly Item[]): readonly Part[] {
  return items.map((item) => ({
    item: { Put: { TableName: tables.transactions, Item: { ...item } } },
    refuse: () => new InvariantError('a chunk is put without a condition'),
  }));
}

/** The records, where none is yet. */
export function recordParts(
  tables: TableNames,
  records: Change['records'],
  taken: () => Error,
): readonly Part[] {
  return recordItems(records).map((item) => ({
    item: putNew(tables.evidence, item),
    refuse: taken,
  }));
}

/** Puts an item where there is none. */
export function putNew(table: string, item: Item): TransactWriteItem {
  return { Put: { TableName: table, Item: { ...item }, ...conditionOf(absent('pk')) } };
}
