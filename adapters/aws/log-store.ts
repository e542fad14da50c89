import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LogAdvance, LogEntry, LogStore, NodePlace } from '../../core/ports/log-store.ts';
import { logIncomplete, logMovedOn } from '../../core/store-refusals.ts';
import { all, atLeast, atMost, conditionOf, equals, present } from './expressions.ts';
import {
  ENTRIES,
  entriesIn,
  entriesItem,
  HEADS,
  headItem,
  headKey,
  headOf,
  keyEntryItem,
  keyEntryKey,
  keyEntryOf,
  lastLeafOf,
  NODES,
  nodeIn,
  nodesItem,
  sealPlaceItem,
  sealPlaceKey,
} from './log-items.ts';
import { pendingSeals, type SealPlace } from './pending-seals.ts';
import { putNew } from './store-change.ts';
import { type Item, number, numberOf, text, textOf } from './store-items.ts';
import { type TableReader, tableReader } from './store-reads.ts';
import { type Part, transact } from './store-transact.ts';
import type { TableNames } from './tables.ts';

/**
 * Seals that one advance takes in: DynamoDB writes 100 items at once, one of them for each seal,
 * one for each new key, and four for the head it grows from, the new one, entries and nodes.
 */
export const SEALS_OF_ADVANCE_MAX = 90;
/** Items of entries that are read together. */
const PACKS_AT_ONCE = 20;

/**
 * The log in a table that is only ever put to. What takes the place behind a head is the advance
 * from it, so that there is one. `pending` names 90 seals at most, as many as an advance takes.
 */
export function dynamoLogStore({
  client,
  tables,
}: {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
}): LogStore {
  const log = tableReader(client, tables.log);
  const areLogged = (seals: readonly SealPlace[]) => areIn(log, seals);
  return {
    async head() {
      const item = await log.last(equals('pk', text(HEADS)));
      return item === undefined ? undefined : headOf(item);
    },
    pending: (limit) =>
      pendingSeals({ client, tables, areLogged }, Math.min(limit, SEALS_OF_ADVANCE_MAX)),
    advance: (advance) => transact(client, partsOf(tables.log, advance)),
    nodes: (places) => Promise.all(places.map((place) => readNode(log, place))),
    entries: (from, limit) => readEntries(log, from, limit),
    async positionOf(streamId, treeSize) {
      return numberOf(await log.get(sealPlaceKey({ streamId, treeSize })), 'position');
    },
    async keyEntry(keyId) {
      const item = await log.get(keyEntryKey(keyId));
      return item === undefined ? undefined : keyEntryOf(keyId, item);
    },
  };
}

function partsOf(table: string, { fromSize, entries, nodes, head }: LogAdvance): readonly Part[] {
  const refuse = () => logMovedOn(fromSize);
  const isThere = { TableName: table, Key: headKey(fromSize), ...conditionOf(present('pk')) };
  const items = [
    // INVARIANT: one advance alone has this place, and it begins where a head ends.
    entriesItem(fromSize, entries),
    nodesItem(fromSize, nodes),
    headItem(head),
    ...entries.map(placeItem),
  ];
  return [
    ...(fromSize === 0 ? [] : [{ item: { ConditionCheck: isThere }, refuse }]),
    ...items.map((item) => ({ item: putNew(table, item), refuse })),
  ];
}

function placeItem({ position, statement, of }: LogEntry): Item {
  return of.kind === 'key'
    ? keyEntryItem(of.keyId, position, statement)
    : sealPlaceItem(of, position);
}

async function areIn(log: TableReader, seals: readonly SealPlace[]): Promise<readonly boolean[]> {
  const items = await log.batch(seals.map(sealPlaceKey));
  const nameOf = (item: Item) => `${textOf(item, 'pk')} ${numberOf(item, 'seq')}`;
  const names = new Set(items.map(nameOf));
  return seals.map((seal) => names.has(nameOf(sealPlaceKey(seal))));
}

/** A node is with the advance that brought its last leaf. */
async function readNode(log: TableReader, place: NodePlace): Promise<Uint8Array> {
  const pack = all(equals('pk', text(NODES)), atMost('seq', number(lastLeafOf(place))));
  const hash = nodeIn(await log.last(pack), place);
  if (hash === undefined) throw logIncomplete(`node ${place.index} of level ${place.level}`);
  return hash;
}

async function readEntries(
  log: TableReader,
  from: number,
  limit: number,
): Promise<readonly LogEntry[]> {
  const inPacks = equals('pk', text(ENTRIES));
  const first = await log.last(all(inPacks, atMost('seq', number(from))));
  const found: LogEntry[] = [];
  let next = numberOf(first, 'seq');
  while (next !== undefined && found.length < limit) {
    const packs = await log.first(all(inPacks, atLeast('seq', number(next))), PACKS_AT_ONCE);
    const entries = packs.flatMap(entriesIn);
    found.push(...entries.filter(({ position }) => position >= from));
    const last = entries.at(-1);
    next = last === undefined ? undefined : last.position + 1;
  }
  return found.slice(0, limit);
}
