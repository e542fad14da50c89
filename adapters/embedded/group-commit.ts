import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { inTransaction } from './sqlite.ts';

/** Works of one commit, at most. */
const GROUP_MAX = 256;

/** Runs one unit of work atomically; resolves once it is committed. */
export type GroupCommit = <Result>(work: () => Result) => Promise<Result>;

interface Job {
  readonly work: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts works that come within one turn of the event loop into one commit. Each is atomic by itself:
 * one that throws takes back its own writes and nobody else's. Rejects with what the work throws,
 * or with what made the whole commit fail.
 */
export function groupCommits(database: DatabaseSync): GroupCommit {
  let queue: Job[] = [];
  const savepoint = {
    open: database.prepare('SAVEPOINT job'),
    keep: database.prepare('RELEASE job'),
    undo: database.prepare('ROLLBACK TO job'),
  };
  const flush = (): void => {
    const jobs = queue.slice(0, GROUP_MAX);
    queue = queue.slice(GROUP_MAX);
    if (queue.length > 0) setImmediate(flush);
    try {
      const settle = inTransaction(database, () => jobs.map((job) => runJob(savepoint, job)));
      for (const one of settle) one();
    } catch (error) {
      for (const job of jobs) job.reject(error);
    }
  };
  return (work) =>
    new Promise((resolve, reject) => {
      if (queue.length === 0) setImmediate(flush);
      queue.push({ work, resolve: resolve as Job['resolve'], reject });
    });
}

interface Savepoint {
  readonly open: StatementSync;
  readonly keep: StatementSync;
  readonly undo: StatementSync;
}

/** Runs a job inside a savepoint; returns how to settle it once all is committed. */
function runJob(savepoint: Savepoint, { work, resolve, reject }: Job): () => void {
  savepoint.open.run();
  try {
    const result = work();
    savepoint.keep.run();
    return () => resolve(result);
  } catch (error) {
    savepoint.undo.run();
    savepoint.keep.run();
    return () => reject(error);
  }
}
