import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { LogAdvance, LogEntry, LogHead, LogStore } from '../../core/ports/log-store.ts';
import { logIncomplete, logMovedOn } from '../../core/store-refusals.ts';
import type { Barrier } from './barrier.ts';
import { namingDamage } from './damage.ts';
import { sealOfRow } from './seal-rows.ts';
import { inTransaction } from './sqlite.ts';

type Row = Record<string, SQLOutputValue>;

const HASH_BYTES = 32;

/** The log of one machine: tables of the store's database, shared by several processes. Every method
 * throws `StoreDamagedError` where the file is damaged. */
export function embeddedLogStore(database: DatabaseSync, barrier: Barrier): LogStore {
  return namingDamage(openLogStore(database, barrier));
}

function openLogStore(database: DatabaseSync, barrier: Barrier): LogStore {
  const newest = database.prepare('SELECT * FROM log_heads ORDER BY size DESC LIMIT 1');
  const advance = advancer(database);
  // INVARIANT: seals enter in the order of their rows, so that those of later rows are pending.
  const pending = database.prepare(
    `SELECT * FROM seals WHERE position > COALESCE((SELECT seal_position FROM log_entries
       WHERE seal_position IS NOT NULL ORDER BY position DESC LIMIT 1), 0)
     ORDER BY position LIMIT ?`,
  );
  const node = database.prepare('SELECT hash FROM log_nodes WHERE level = ? AND place = ?');
  const entries = database.prepare(
    'SELECT * FROM log_entries WHERE position >= ? ORDER BY position LIMIT ?',
  );
  const sealed = database.prepare(
    'SELECT position FROM log_entries WHERE stream_id = ? AND tree_size = ?',
  );
  const keyed = database.prepare('SELECT * FROM log_entries WHERE key_id = ?');
  return {
    async head() {
      const row = newest.get();
      return row === undefined ? undefined : headOf(row);
    },
    pending: async (limit) => pending.all(limit).map(sealOfRow),
    async advance(wanted) {
      inTransaction(database, () => advance(wanted));
      await barrier.wait();
    },
    nodes: async (places) =>
      places.map(({ level, index }) => {
        const hash = node.get(level, index)?.['hash'];
        if (hash === undefined) throw logIncomplete(`node ${index} of level ${level}`);
        return hash as Uint8Array;
      }),
    entries: async (from, limit) => entries.all(from, limit).map(entryOf),
    positionOf: async (streamId, treeSize) =>
      sealed.get(streamId, treeSize)?.['position'] as number | undefined,
    async keyEntry(keyId) {
      const row = keyed.get(keyId);
      return row === undefined ? undefined : entryOf(row);
    },
  };
}

function advancer(database: DatabaseSync): (advance: LogAdvance) => void {
  const size = database.prepare('SELECT COALESCE(MAX(size), 0) AS size FROM log_heads');
  const putEntry = database.prepare(
    `INSERT INTO log_entries (position, statement, stream_id, tree_size, seal_position, key_id)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const rowOf = database.prepare(
    'SELECT position FROM seals WHERE stream_id = ? AND tree_size = ?',
  );
  const putNode = database.prepare('INSERT INTO log_nodes (level, place, hash) VALUES (?, ?, ?)');
  const putHead = database.prepare(
    'INSERT INTO log_heads (size, root, frontier, checkpoint, at) VALUES (?, ?, ?, ?, ?)',
  );
  return ({ fromSize, entries, nodes, head }) => {
    if (size.get()?.['size'] !== fromSize) throw logMovedOn(fromSize);
    for (const { position, statement, of } of entries) {
      if (of.kind === 'key') putEntry.run(position, statement, null, null, null, of.keyId);
      else {
        const row = rowOf.get(of.streamId, of.treeSize)?.['position'] as number | undefined;
        if (row === undefined) throw logIncomplete(`a seal of \`${of.streamId}\``);
        putEntry.run(position, statement, of.streamId, of.treeSize, row, null);
      }
    }
    for (const { level, index, hash } of nodes) putNode.run(level, index, hash);
    putHead.run(head.size, head.root, joined(head.frontier), head.checkpoint, head.at);
  };
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(hashes.flatMap((hash) => [...hash]));
}

function headOf(row: Row): LogHead {
  const frontier = row['frontier'] as Uint8Array;
  return {
    size: row['size'] as number,
    root: row['root'] as string,
    frontier: Array.from({ length: Math.floor(frontier.length / HASH_BYTES) }, (_, index) =>
      frontier.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES),
    ),
    checkpoint: row['checkpoint'] as string,
    at: row['at'] as number,
  };
}

function entryOf(row: Row): LogEntry {
  const keyId = row['key_id'] as string | null;
  const streamId = row['stream_id'] as string;
  const treeSize = row['tree_size'] as number;
  return {
    position: row['position'] as number,
    statement: row['statement'] as Uint8Array,
    of: keyId === null ? { kind: 'seal', streamId, treeSize } : { kind: 'key', keyId },
  };
}
