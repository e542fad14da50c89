import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InvalidInputError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';

/** Who may read a new account file: its owner. */
const FILE_MODE = 0o600;

/**
 * Writes an account as a GAAD file: whole or not at all, and durable when it returns. An existing file
 * keeps its mode. Throws `InvalidInputError` (`file-unwritable`).
 */
export function writeAccount(path: string, gaad: JsonObject): void {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const mode = fs.existsSync(path) ? fs.statSync(path).mode & 0o777 : FILE_MODE;
    fs.writeFileSync(draft, `${JSON.stringify(gaad, undefined, 2)}\n`, { mode, flush: true });
    fs.renameSync(draft, path);
  } catch (cause) {
    fs.rmSync(draft, { force: true });
    throw unwritable(path, cause);
  }
}

/** Throws `InvalidInputError` (`file-unwritable`) before any work is done for a file that cannot be. */
export function requireWritable(path: string): void {
  try {
    fs.accessSync(dirname(path), fs.constants.W_OK | fs.constants.X_OK);
    if (fs.existsSync(path) && !fs.statSync(path).isFile()) throw new Error('not a file');
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): InvalidInputError {
  const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
  return new InvalidInputError('file-unwritable', `cannot write \`${path}\`: ${why}`, { cause });
}
