import type { LogAdvance, LogEntry, LogHead, NodePlace } from '../../core/ports/log-store.ts';
import type { StoredSeal } from '../../core/ports/store.ts';
import { type Item, number, numberOf, text, textOf } from './store-items.ts';

// Items of the log table: `pk` says what they are, `seq` where they stand.

/** The partition of heads; `seq` is the size. */
export const HEADS = 'heads';
/** The partition of entries, those of an advance in one item; `seq` is the first position. */
export const ENTRIES = 'entries';
/** The partition of nodes, those of an advance in one item; `seq` is its first position too. */
export const NODES = 'nodes';

const HASH_BYTES = 32;
/** A node: its level in one byte, its index in eight, its hash. */
const INDEX_AT = 1;
const HASH_AT = 9;
const NODE_BYTES = HASH_AT + HASH_BYTES;

/** The key of the head of a size. */
export const headKey = (size: number): Item => logKey(HEADS, size);

/** The item of a head. */
export function headItem({ size, root, frontier, checkpoint, at }: LogHead): Item {
  return {
    ...headKey(size),
    root: text(root),
    frontier: { B: Buffer.concat(frontier) },
    checkpoint: text(checkpoint),
    at: number(at),
  };
}

/** A head of its item. */
export function headOf(item: Item): LogHead {
  const frontier = bytesOf(item, 'frontier');
  return {
    size: numberOf(item, 'seq') as number,
    root: textOf(item, 'root') as string,
    frontier: Array.from({ length: Math.floor(frontier.length / HASH_BYTES) }, (_, index) =>
      frontier.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES),
    ),
    checkpoint: textOf(item, 'checkpoint') as string,
    at: numberOf(item, 'at') as number,
  };
}

/** The item of an advance's entries. */
export function entriesItem(from: number, entries: readonly LogEntry[]): Item {
  return { ...logKey(ENTRIES, from), entries: { L: entries.map((one) => ({ M: entryMap(one) })) } };
}

/** The entries of an item, in order. */
export function entriesIn(item: Item): readonly LogEntry[] {
  const from = numberOf(item, 'seq') as number;
  return (item['entries']?.L ?? []).map(({ M: map = {} }, index) => {
    const [streamId, keyId] = [textOf(map, 'streamId'), textOf(map, 'keyId')];
    const treeSize = numberOf(map, 'treeSize') as number;
    return {
      position: from + index,
      statement: bytesOf(map, 'statement'),
      of:
        streamId === undefined
          ? { kind: 'key', keyId: keyId as string }
          : { kind: 'seal', streamId, treeSize },
    };
  });
}

/** The item of the nodes that became whole by an advance. */
export function nodesItem(from: number, nodes: LogAdvance['nodes']): Item {
  const packed = Buffer.alloc(nodes.length * NODE_BYTES);
  nodes.forEach(({ level, index, hash }, at) => {
    const start = at * NODE_BYTES;
    packed.writeUInt8(level, start);
    packed.writeBigUInt64BE(BigInt(index), start + INDEX_AT);
    packed.set(hash, start + HASH_AT);
  });
  return { ...logKey(NODES, from), nodes: { B: packed } };
}

/** The hash of a node in such an item; undefined when it has none. */
export function nodeIn(item: Item | undefined, place: NodePlace): Uint8Array | undefined {
  const packed = Buffer.from(item === undefined ? [] : bytesOf(item, 'nodes'));
  for (let start = 0; start < packed.length; start += NODE_BYTES) {
    const index = Number(packed.readBigUInt64BE(start + INDEX_AT));
    if (packed.readUInt8(start) === place.level && index === place.index)
      return Uint8Array.from(packed.subarray(start + HASH_AT, start + NODE_BYTES));
  }
  return undefined;
}

/** The position of the last leaf that a node covers. */
export function lastLeafOf({ level, index }: NodePlace): number {
  return (index + 1) * 2 ** level - 1;
}

/** The key of where a seal stands. */
export function sealPlaceKey({
  streamId,
  treeSize,
}: Pick<StoredSeal, 'streamId' | 'treeSize'>): Item {
  return logKey(`seal#${streamId}`, treeSize);
}

/** The item of where a seal stands. */
export function sealPlaceItem(
  seal: Pick<StoredSeal, 'streamId' | 'treeSize'>,
  position: number,
): Item {
  return { ...sealPlaceKey(seal), position: number(position) };
}

/** The key of the entry of a key that seals. */
export const keyEntryKey = (keyId: string): Item => logKey(`key#${keyId}`, 0);

/** The entry of a key that seals, once more, to be found by its id. */
export function keyEntryItem(keyId: string, position: number, statement: Uint8Array): Item {
  return { ...keyEntryKey(keyId), position: number(position), statement: { B: statement } };
}

/** The entry in such an item. */
export function keyEntryOf(keyId: string, item: Item): LogEntry {
  const position = numberOf(item, 'position') as number;
  return { position, statement: bytesOf(item, 'statement'), of: { kind: 'key', keyId } };
}

function entryMap({ statement, of }: LogEntry): Item {
  return {
    statement: { B: statement },
    ...(of.kind === 'key'
      ? { keyId: text(of.keyId) }
      : { streamId: text(of.streamId), treeSize: number(of.treeSize) }),
  };
}

function bytesOf(item: Item, name: string): Uint8Array {
  return item[name]?.B as Uint8Array;
}

function logKey(pk: string, seq: number): Item {
  return { pk: text(pk), seq: number(seq) };
}
