import fs from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { InvalidInputError } from '../../core/errors.ts';
import type { KillSetting } from '../../core/ports/kill-switch.ts';
import { recordOfFact } from '../../core/tasks/control.ts';
import { createKeyFile } from './signer.ts';
import { inTransaction } from './sqlite.ts';
import { controlAppender } from './store.ts';

/** The files of a data folder. */
export interface DataFolder {
  readonly path: string;
  readonly store: string;
  readonly account: string;
  /** Seals evidence. */
  readonly key: string;
  /** What replaces it, while a rotation is under way. */
  readonly nextKey: string;
  /** Public halves of the keys that have sealed before. */
  readonly oldKeys: string;
  /** Signs checkpoints of the log. */
  readonly logKey: string;
  /** A file for each checkpoint that was published. */
  readonly checkpoints: string;
}

/** Names the files of a data folder and makes the folder and its keys where they are missing. */
export function prepareDataFolder(path: string): DataFolder {
  const folder = dataFolderAt(path);
  try {
    fs.mkdirSync(path, { recursive: true, mode: 0o700 });
    // Asked first: another process may be making the folder, and makes its key before its store.
    const hasStore = fs.existsSync(folder.store);
    if (!fs.existsSync(folder.key)) {
      if (hasStore) throw keyMissing('key-missing', 'signing key', 'key.pem');
      makeKey(folder.key);
    }
    if (!fs.existsSync(folder.logKey)) {
      if (hasStore) throw keyMissing('log-key-missing', 'log key', 'log-key.pem');
      makeKey(folder.logKey);
    }
  } catch (cause) {
    if (cause instanceof InvalidInputError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new InvalidInputError('data-folder', `cannot make the data folder \`${path}\`: ${code}`, {
      hint: 'choose a folder that you may write to with --data',
      cause,
    });
  }
  return folder;
}

function keyMissing(code: string, what: string, file: string): InvalidInputError {
  return new InvalidInputError(code, `the data folder has lost its ${what}`, {
    hint: `restore ${file} from a backup, or use another --data folder`,
  });
}

/** Makes the key unless another process was faster. */
function makeKey(path: string): void {
  try {
    createKeyFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The files of a data folder, whether they exist or not. */
export function dataFolderAt(path: string): DataFolder {
  return {
    path,
    store: join(path, 'interlock.db'),
    account: join(path, 'account.db'),
    key: join(path, 'key.pem'),
    nextKey: join(path, 'key-next.pem'),
    oldKeys: join(path, 'old-keys'),
    logKey: join(path, 'log-key.pem'),
    checkpoints: join(path, 'checkpoints'),
  };
}

/**
 * Writes `running` for the scope all, with its record, when the store is new; and only then: a
 * switch that has gone missing later means halted.
 */
export function initialiseKillSwitch(
  database: DatabaseSync,
  { by, at }: { readonly by: string; readonly at: number },
): void {
  const setting: KillSetting = {
    scope: 'all',
    mode: 'running',
    by,
    reason: 'the data folder was created',
    at,
  };
  const append = controlAppender(database);
  inTransaction(database, () => {
    const made = database
      .prepare("INSERT OR IGNORE INTO meta (key, value) VALUES ('created', ?)")
      .run(String(at));
    if (made.changes === 0) return;
    database
      .prepare('INSERT INTO kill_switch (scope, mode, by_whom, reason, at) VALUES (?, ?, ?, ?, ?)')
      .run(setting.scope, setting.mode, by, setting.reason, at);
    const data = { scope: 'all', mode: 'running', reason: setting.reason };
    append(recordOfFact({ kind: 'kill-switch', actor: `operator:${by}`, data }, at));
  });
}
