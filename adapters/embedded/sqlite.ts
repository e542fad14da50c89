import { DatabaseSync } from 'node:sqlite';
import { TransientError } from '../../core/errors.ts';

/** How long a writer waits for another process. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens a database in WAL mode whose commits are ordered and at once readable by every process; a
 * barrier makes them durable. `synchronous=NORMAL` leaves the sync to the barrier.
 */
export function openSqlite(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  return database;
}

/** Runs `work` in one BEGIN IMMEDIATE transaction; throws `TransientError` when the file is busy. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  try {
    database.exec('BEGIN IMMEDIATE');
  } catch (cause) {
    throw new TransientError('database-busy', 'the database is busy in another process', { cause });
  }
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
