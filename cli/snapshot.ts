import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { DataFolder } from '../adapters/embedded/data-folder.ts';
import { killModeReader } from '../adapters/embedded/kill-switch-rows.ts';
import { openUntouched } from '../adapters/embedded/sqlite.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { KillMode, KillScope } from '../core/ports/kill-switch.ts';
import { storeError } from './open.ts';

/** What a dry run sees of a data folder; it can change nothing there. */
export interface Snapshot {
  /** A copy of the account in a scratch folder. */
  readonly accountPath: string;
  killMode(scopes: readonly KillScope[]): KillMode;
  /** Removes the copy. */
  dispose(): void;
}

/** Copies the account of a data folder and reads its kill switch, without a trace in the folder. */
export function takeSnapshot(folder: DataFolder): Snapshot {
  if (!fs.existsSync(folder.account))
    throw new InvalidInputError('account-missing', 'the data folder holds no account', {
      hint: 'load one with `interlock audit --account FILE --apply`',
    });
  const scratch = fs.mkdtempSync(join(os.tmpdir(), 'interlock-dry-run-'));
  const accountPath = join(scratch, 'account.db');
  copyDatabase(folder.account, accountPath);
  const store = openUntouched(folder.store);
  return {
    accountPath,
    killMode: (scopes) => readKillMode(store, scopes),
    dispose() {
      store.close();
      fs.rmSync(scratch, { recursive: true, force: true });
    },
  };
}

function readKillMode(store: DatabaseSync, scopes: readonly KillScope[]): KillMode {
  try {
    return killModeReader(store)(scopes);
  } catch {
    // Unreadable is halted.
    return 'halt';
  }
}

/** One consistent state of a database that other processes may be writing. */
function copyDatabase(from: string, to: string): void {
  const wasClosed = !isOpenSomewhere(from);
  vacuumInto(openUntouched(from), to);
  if (!wasClosed || !isOpenSomewhere(from)) return;
  // A writer came while the file was read as if there were none: once more, beside it.
  fs.rmSync(to);
  vacuumInto(openUntouched(from), to);
}

function vacuumInto(database: DatabaseSync, to: string): void {
  try {
    database.prepare('VACUUM INTO ?').run(to);
  } catch (cause) {
    throw storeError(cause);
  } finally {
    database.close();
  }
}

function isOpenSomewhere(path: string): boolean {
  return fs.existsSync(`${path}-wal`);
}
