import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { InvariantError } from '../../core/errors.ts';
import type { StoredSeal } from '../../core/ports/store.ts';
import { sealExists } from '../../core/store-refusals.ts';
import { above, all, equals } from './expressions.ts';
import { repeatable } from './sdk-errors.ts';
import { putNew } from './store-change.ts';
import { type Item, keyOf, number, numberOf, text, textOf } from './store-items.ts';
import { type TableReader, tableReader } from './store-reads.ts';
import { evidenceKey, sealItem, sealOf, sealPartition } from './store-records.ts';
import type { Part } from './store-transact.ts';
import type { TableNames } from './tables.ts';

/** The one partition of the pending table, in the order of time. */
const PENDING = 'pending';
const POSITION_DIGITS = 12;
/** Items that are looked at together; a batch of reads takes as many. */
const PAGE_ITEMS = 100;
const PAGES_MAX = 100;
/** "BatchWriteItem", DynamoDB API reference. */
const DELETIONS_MAX = 25;

/** Where the next seal stands among those that are pending: by time, then as this process made them. */
export function sealPositions(now: () => number): () => string {
  let count = 0;
  return () => {
    count += 1;
    return [now(), count].map((one) => one.toString(16).padStart(POSITION_DIGITS, '0')).join('');
  };
}

/** A seal, and beside it that it is not in the log: whoever logs finds it by that. */
export function sealParts(tables: TableNames, seal: StoredSeal, position: string): readonly Part[] {
  const { streamId, treeSize } = seal;
  const pending = {
    ...keyOf(PENDING, `${position}#${streamId}#${treeSize}`),
    streamId: text(streamId),
    treeSize: number(treeSize),
  };
  return [
    { item: putNew(tables.evidence, sealItem(seal)), refuse: () => sealExists(streamId) },
    {
      item: { Put: { TableName: tables.pending, Item: pending } },
      refuse: () => new InvariantError('a pending seal is put without a condition'),
    },
  ];
}

/** When the oldest seal was stored that may not be in the log, epoch milliseconds. */
export async function oldestPendingAt(
  client: DynamoDBClient,
  { pending }: Pick<TableNames, 'pending'>,
): Promise<number | undefined> {
  const [oldest] = await tableReader(client, pending).first(equals('pk', text(PENDING)), 1);
  if (oldest === undefined) return undefined;
  return Number.parseInt((textOf(oldest, 'sk') as string).slice(0, POSITION_DIGITS), 16);
}

/** What finding pending seals takes. */
export interface PendingParts {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  /** Which of some seals are in the log. */
  readonly areLogged: (seals: readonly SealPlace[]) => Promise<readonly boolean[]>;
}

/** Which seal. */
export type SealPlace = Pick<StoredSeal, 'streamId' | 'treeSize'>;

/**
 * The seals that are not in the log, in their order; forgets those that are. One that is said to
 * be pending and is not there is passed over and stays: an alarm tells of what is pending too long.
 */
export async function pendingSeals(
  parts: PendingParts,
  limit: number,
): Promise<readonly StoredSeal[]> {
  const { client, tables } = parts;
  const pending = tableReader(client, tables.pending);
  const evidence = tableReader(client, tables.evidence);
  const found: StoredSeal[] = [];
  let after = '0';
  for (let pages = 0; pages < PAGES_MAX && found.length < limit; pages += 1) {
    const page = all(equals('pk', text(PENDING)), above('sk', text(after)));
    const items = await pending.first(page, PAGE_ITEMS);
    if (items.length === 0) break;
    after = textOf(items.at(-1), 'sk') as string;
    const logged = await parts.areLogged(items.map(placeOf));
    await forget(
      client,
      tables,
      items.filter((_, index) => logged[index] === true),
    );
    const left = items.filter((_, index) => logged[index] !== true);
    found.push(...(await sealsOf(evidence, left.map(placeOf))));
  }
  return found.slice(0, limit);
}

function placeOf(item: Item): SealPlace {
  const streamId = textOf(item, 'streamId') as string;
  return { streamId, treeSize: numberOf(item, 'treeSize') as number };
}

async function sealsOf(
  evidence: TableReader,
  places: readonly SealPlace[],
): Promise<readonly StoredSeal[]> {
  const keyIn = ({ streamId, treeSize }: SealPlace) =>
    evidenceKey(sealPartition(streamId), treeSize);
  const items = await evidence.batch(places.map(keyIn));
  const nameOf = (item: Item) => `${textOf(item, 'pk')} ${numberOf(item, 'seq')}`;
  const byName = new Map(items.map((item) => [nameOf(item), item]));
  return places.flatMap((place) => {
    const item = byName.get(nameOf(keyIn(place)));
    return item === undefined ? [] : [sealOf(place.streamId, item)];
  });
}

/** What is left of it, the next who looks forgets. */
async function forget(
  client: DynamoDBClient,
  { pending }: TableNames,
  items: readonly Item[],
): Promise<void> {
  for (let at = 0; at < items.length; at += DELETIONS_MAX) {
    const deletions = items
      .slice(at, at + DELETIONS_MAX)
      .map(({ pk, sk }): WriteRequest => ({ DeleteRequest: { Key: { pk, sk } as Item } }));
    const command = new BatchWriteItemCommand({ RequestItems: { [pending]: deletions } });
    await repeatable('store-unreachable', () => client.send(command));
  }
}
