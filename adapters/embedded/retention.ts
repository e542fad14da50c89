import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { TransientError } from '../../core/errors.ts';
import { RETENTION_DAYS_MIN } from '../../core/retention.ts';
import type { ControlRecord } from '../../core/tasks/control.ts';
import type { Barrier } from './barrier.ts';
import { isDamage, namedDamage } from './damage.ts';
import { inTransaction } from './sqlite.ts';
import { controlAppender } from './store.ts';

/** A stream whose records leave the store. */
export interface PrunedStream {
  readonly streamId: string;
  readonly records: number;
  /** SHA-256 of its bundle in the archive, hex. */
  readonly archiveDigest: string;
}

/** Where a walk over transactions stands. */
export interface OldTransaction {
  readonly id: string;
  readonly position: number;
}

/** For how long evidence is kept, and what goes when that is over. */
export interface Retention {
  /** Days for which evidence is kept at least. */
  days(): number;
  /** Sets them, with the record that says so; durable when it returns. */
  setDays(days: number, record: ControlRecord): Promise<void>;
  isPruned(streamId: string): boolean;
  /** What was pruned, by the names of streams, behind a name; at most `limit`. Throws
   * `StoreDamagedError`. */
  pruned(query: { after: string; limit: number }): readonly PrunedStream[];
  /** Sealed transactions that were created before an instant and are not pruned, the oldest first,
   * behind a position; at most `limit`. */
  old(query: { before: number; after: number; limit: number }): readonly OldTransaction[];
  /**
   * Deletes the records of streams in one write with the record that says so; seals, transactions,
   * claims and decisions stay. The store itself refuses a stream that is younger than the retention
   * or not over, and then nothing is deleted. Durable when it returns.
   */
  prune(streams: readonly PrunedStream[], record: ControlRecord, at: number): Promise<void>;
  /** Writes the file anew: it shrinks, and no byte of what was deleted is left in it. Nobody else
   * can write meanwhile. `TransientError` when the file is busy; then nothing has changed. */
  compact(): void;
}

/** The retention of an embedded store. */
export function embeddedRetention(database: DatabaseSync, barrier: Barrier): Retention {
  const append = controlAppender(database);
  const get = database.prepare("SELECT value FROM meta WHERE key = 'retentionDays'");
  const set = database.prepare(
    "INSERT OR REPLACE INTO meta (key, value) VALUES ('retentionDays', ?)",
  );
  const find = database.prepare('SELECT 1 FROM pruned_streams WHERE stream_id = ?');
  const pruned = database.prepare(
    'SELECT * FROM pruned_streams WHERE stream_id > ? ORDER BY stream_id LIMIT ?',
  );
  const old = database.prepare(
    `SELECT id, position FROM transactions
     WHERE position > ? AND created_at < ? AND sealed = 1 AND next_seq > 0
       AND NOT EXISTS (SELECT 1 FROM pruned_streams WHERE stream_id = 'tx:' || id)
     ORDER BY position LIMIT ?`,
  );
  const mark = database.prepare(
    'INSERT INTO pruned_streams (stream_id, records, archive_digest, at) VALUES (?, ?, ?, ?)',
  );
  const remove = database.prepare('DELETE FROM records WHERE stream_id = ?');
  return {
    days: () => Number(get.get()?.['value'] ?? RETENTION_DAYS_MIN),
    async setDays(days, record) {
      inTransaction(database, () => {
        set.run(String(days));
        append(record);
      });
      await barrier.wait();
    },
    isPruned: (streamId) => find.get(streamId) !== undefined,
    pruned({ after, limit }) {
      try {
        return pruned.all(after, limit).map(prunedOf);
      } catch (error) {
        throw namedDamage('what was pruned', error);
      }
    },
    old: ({ before, after, limit }) =>
      old.all(after, before, limit).map(({ id, position }) => ({
        id: id as string,
        position: position as number,
      })),
    async prune(streams, record, at) {
      // What is deleted is overwritten with zeros; older images may stay until it is compacted.
      database.exec('PRAGMA secure_delete = ON');
      inTransaction(database, () => {
        for (const { streamId, records, archiveDigest } of streams) {
          mark.run(streamId, records, archiveDigest, at);
          remove.run(streamId);
        }
        append(record);
      });
      await barrier.wait();
    },
    compact() {
      try {
        database.exec('VACUUM');
      } catch (cause) {
        if (isDamage(cause)) throw cause;
        throw new TransientError('database-busy', 'the database is busy in another process', {
          hint: 'end what runs on the data folder, then compact again',
          cause,
        });
      }
    },
  };
}

function prunedOf(row: Readonly<Record<string, SQLOutputValue>>): PrunedStream {
  return {
    streamId: row['stream_id'] as string,
    records: row['records'] as number,
    archiveDigest: row['archive_digest'] as string,
  };
}
