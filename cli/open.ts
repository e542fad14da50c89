import fs from 'node:fs';
import os from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadDecisionPoint } from '../adapters/cedar/decision-point.ts';
import { checkpointFolder } from '../adapters/embedded/checkpoints.ts';
import {
  type ControlPlane,
  type ControlPlaneOptions,
  openControlPlane,
} from '../adapters/embedded/control-plane.ts';
import { isDamage } from '../adapters/embedded/damage.ts';
import {
  type DataFolder,
  dataFolderAt,
  prepareDataFolder,
} from '../adapters/embedded/data-folder.ts';
import { sealKeyIdsOf, settleRotation } from '../adapters/embedded/key-rotation.ts';
import type { EmbeddedLog } from '../adapters/embedded/log.ts';
import { keyFileSigner } from '../adapters/embedded/signer.ts';
import {
  InterlockError,
  InvariantError,
  NotFoundError,
  StoreDamagedError,
  TransientError,
} from '../core/errors.ts';
import type { Caller } from '../core/tasks/operate.ts';
import { lazyDecisionPoint } from './lazy-decision-point.ts';

/** The control plane of a data folder, with the person at the keyboard as its operator. */
export interface LocalControlPlane extends ControlPlane {
  readonly folder: DataFolder;
  readonly log: EmbeddedLog;
  readonly operator: string;
  readonly caller: Caller;
}

/** Where to open, and what tests and the demo put in place of the defaults. */
export interface LocalOptions
  extends Partial<Pick<ControlPlaneOptions, 'clock' | 'timing' | 'openSession' | 'wrap'>> {
  /** The data folder. */
  readonly data: string;
}

/** The policies that ship with Interlock. */
export const POLICIES_FOLDER = fileURLToPath(new URL('../policies', import.meta.url));

/** Opens the control plane of a data folder, which is made when it is not there. */
export function openLocal({ data, ...rest }: LocalOptions): LocalControlPlane {
  const folder = prepareDataFolder(data);
  settleRotation(folder);
  const operator = operatorName();
  const controlPlane = openReadable({
    ...rest,
    storePath: folder.store,
    accountPath: folder.account,
    signer: keyFileSigner(folder.key),
    decisionPoint: lazyDecisionPoint(() => loadDecisionPoint(POLICIES_FOLDER)),
    operator,
    log: {
      signer: keyFileSigner(folder.logKey),
      checkpoints: checkpointFolder(folder.checkpoints),
      sealKeyIds: async () => sealKeyIdsOf(folder),
    },
  });
  const { log } = controlPlane;
  if (log === undefined) throw new InvariantError('a data folder has a log');
  return { ...controlPlane, log, folder, operator, caller: { type: 'Operator', id: operator } };
}

function openReadable(options: ControlPlaneOptions): ControlPlane {
  try {
    return openControlPlane(options);
  } catch (cause) {
    throw storeError(cause);
  }
}

/** SQLite's result code for a file that another process has locked. */
const SQLITE_BUSY = 5;

/** An error of SQLite is about the files, not about the program. */
export function storeError(cause: unknown): unknown {
  if (isDamage(cause)) return new StoreDamagedError('the data folder', cause);
  const { code, errcode } = cause as { readonly code?: unknown; readonly errcode?: unknown };
  if (code !== 'ERR_SQLITE_ERROR') return cause;
  if (errcode === SQLITE_BUSY)
    return new TransientError('database-busy', 'another process holds the data folder', {
      hint: 'try again when it has ended',
      cause,
    });
  const message = `the data folder cannot be read: ${(cause as Error).message}`;
  return new InterlockError('store-unreadable', message, {
    hint: 'restore the data folder from a backup, or name another with --data',
    cause,
  });
}

/** A key's file of a data folder that is there. Throws `NotFoundError` (`key-missing`). */
export function requireKey(data: string, which: 'key' | 'logKey'): string {
  const path = requireDataFolder(data)[which];
  if (fs.existsSync(path)) return path;
  const what = which === 'key' ? 'signing key' : 'log key';
  throw new NotFoundError('key-missing', `the data folder has lost its ${what}`, {
    hint: `restore ${basename(path)} from a backup, or name another folder with --data`,
  });
}

/** Opens a data folder that is there. Throws `NotFoundError` (`data-folder-not-found`), and then
 * nothing was made. */
export function openExisting(options: LocalOptions): LocalControlPlane {
  requireDataFolder(options.data);
  return openLocal(options);
}

/** The files of a data folder that is there. Throws `NotFoundError` (`data-folder-not-found`). */
export function requireDataFolder(data: string): DataFolder {
  const folder = dataFolderAt(data);
  if (fs.existsSync(folder.store)) return folder;
  throw new NotFoundError('data-folder-not-found', `there is no data folder at \`${data}\``, {
    hint: 'make one with `interlock audit --account FILE --apply`, or name another with --data',
  });
}

const NAME_CHARACTERS_MAX = 64;

/** The name of the operating system's user, as evidence can carry it. */
export function operatorName(): string {
  let name = 'unknown';
  try {
    name = os.userInfo().username;
  } catch {
    // A user id without an entry in the user database has no name.
  }
  return name.replace(/[^A-Za-z0-9_.@-]/g, '_').slice(0, NAME_CHARACTERS_MAX) || 'unknown';
}
