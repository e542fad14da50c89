import fs from 'node:fs';
import { dirname } from 'node:path';
import { InterlockError } from '../../core/errors.ts';
import { syncFolder } from './durable-file.ts';

/** Makes the commits of one SQLite database durable, many at a time. */
export interface Barrier {
  /** Resolves when every commit made before the call is on disk. Safe to repeat; rejects for good
   * after a failed sync, because the kernel may then have dropped the pages. */
  wait(): Promise<void>;
  /** How many waits were asked for. */
  count(): number;
  /** How many syncs they took. */
  syncs(): number;
  close(): void;
}

/**
 * Opens the barrier of a database in WAL mode with `synchronous=NORMAL`: commits are durable once
 * the `-wal` file is synced. Open it while a connection that has written is open, and close it
 * before that connection, so that the file is never replaced. `:memory:` needs no sync.
 */
export function openBarrier(databasePath: string): Barrier {
  const handle = databasePath === ':memory:' ? undefined : openLog(databasePath);
  return groupSyncs(handle === undefined ? () => Promise.resolve() : () => syncFile(handle), () => {
    if (handle !== undefined) fs.closeSync(handle);
  });
}

/** Callers share a sync; who comes while one is in flight waits for the next one to start. */
export function groupSyncs(sync: () => Promise<void>, close: () => void): Barrier {
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;
  let failure: unknown;
  let waits = 0;
  let syncs = 0;

  const start = (): Promise<void> => {
    if (failure !== undefined) return Promise.reject(failure);
    syncs += 1;
    running = sync()
      .catch((cause: unknown) => {
        failure = new InterlockError('sync-failed', 'the disk did not confirm a write', { cause });
        throw failure;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  const queue = (current: Promise<void>): Promise<void> => {
    queued ??= current
      .catch(() => undefined)
      .then(() => {
        queued = undefined;
        return start();
      });
    return queued;
  };

  return {
    wait() {
      waits += 1;
      if (queued !== undefined) return queued;
      return running === undefined ? start() : queue(running);
    },
    count: () => waits,
    syncs: () => syncs,
    close,
  };
}

function openLog(databasePath: string): number {
  const handle = fs.openSync(`${databasePath}-wal`, 'r+');
  // A new file is durable only when its folder is.
  syncFolder(dirname(databasePath));
  return handle;
}

function syncFile(handle: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fdatasync(handle, (error) => (error === null ? resolve() : reject(error)));
  });
}
