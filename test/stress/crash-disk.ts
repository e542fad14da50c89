import fs from 'node:fs';
import { join } from 'node:path';
import { InvariantError } from '../../core/errors.ts';
import type { Point } from './crash-points.ts';

const LOGS = ['interlock.db', 'account.db'] as const;
const SYNCED_FILE = 'synced.json';
/** SQLite writes pages back at this many; from there on the log is no longer append-only. */
const PAGES_UNTIL_CHECKPOINT = 1000;
const PAGE_BYTES = 4096;

/**
 * Puts a point before and after each sync of this process, and remembers in the data folder how
 * many bytes of each log the disk has confirmed.
 */
export function watchDisk(): (folder: string, point: Point) => void {
  let point: Point = () => undefined;
  let syncedFile: string | undefined;
  const synced = new Map<number, number>();
  const sync = fs.fdatasync;
  const watched = (handle: number, done: fs.NoParamCallback): void => {
    point('before disk.sync');
    const { ino, size } = fs.fstatSync(handle);
    sync(handle, (error) => {
      if (error === null) synced.set(ino, size);
      if (syncedFile !== undefined)
        fs.writeFileSync(syncedFile, JSON.stringify(Object.fromEntries(synced)));
      point('after disk.sync');
      done(error);
    });
  };
  Object.assign(fs, { fdatasync: watched });
  return (folder, next) => {
    synced.clear();
    syncedFile = join(folder, SYNCED_FILE);
    point = next;
  };
}

/**
 * Takes the power from a killed process: of each log only the bytes stay that the disk had
 * confirmed, and as many of the rest as `keeps` says (0 to 1).
 */
export function cutPower(folder: string, keeps: () => number): void {
  const synced = syncedSizes(join(folder, SYNCED_FILE));
  for (const name of LOGS) {
    const log = join(folder, `${name}-wal`);
    fs.rmSync(join(folder, `${name}-shm`), { force: true });
    if (!fs.existsSync(log)) continue;
    const { ino, size } = fs.statSync(log);
    if (size >= PAGES_UNTIL_CHECKPOINT * PAGE_BYTES)
      throw new InvariantError(`the log of \`${name}\` is too long for this test`);
    const kept = synced[ino] ?? 0;
    fs.truncateSync(log, kept + Math.floor((size - kept) * keeps()));
  }
}

function syncedSizes(file: string): Readonly<Record<string, number>> {
  if (!fs.existsSync(file)) return {};
  return JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, number>;
}
