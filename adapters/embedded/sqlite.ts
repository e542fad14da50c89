import fs from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { TransientError } from '../../core/errors.ts';

/** How long a writer waits for another process. */
const BUSY_TIMEOUT_MS = 5000;

/** Pages of the log that a checkpoint moves at once; it syncs twice, on the main thread. */
const CHECKPOINT_PAGES = 8000;

/**
 * Opens a database in WAL mode whose commits are ordered and at once readable by every process; a
 * barrier makes them durable. `synchronous=NORMAL` leaves the sync to the barrier.
 */
export function openSqlite(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};`);
  return database;
}

/** A connection that cannot write. Where no process has the database open it is read as immutable,
 * since SQLite would otherwise leave an empty log beside it. */
export function openUntouched(path: string): DatabaseSync {
  if (fs.existsSync(`${path}-wal`)) return new DatabaseSync(path, { readOnly: true });
  const address = pathToFileURL(resolve(path));
  address.searchParams.set('immutable', '1');
  return new DatabaseSync(address, { readOnly: true });
}

/** Runs `work` in one BEGIN IMMEDIATE transaction; throws `TransientError` when the file is busy. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  const { begin, end, undo } = statementsOf(database);
  try {
    begin.run();
  } catch (cause) {
    throw new TransientError('database-busy', 'the database is busy in another process', { cause });
  }
  try {
    const result = work();
    end.run();
    return result;
  } catch (error) {
    undo.run();
    throw error;
  }
}

interface Statements {
  readonly begin: StatementSync;
  readonly end: StatementSync;
  readonly undo: StatementSync;
}

const known = new WeakMap<DatabaseSync, Statements>();

function statementsOf(database: DatabaseSync): Statements {
  const prepared = known.get(database) ?? {
    begin: database.prepare('BEGIN IMMEDIATE'),
    end: database.prepare('COMMIT'),
    undo: database.prepare('ROLLBACK'),
  };
  known.set(database, prepared);
  return prepared;
}
