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
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new InvalidInputError('file-unwritable', `cannot write \`${path}\`: ${code}`, { cause });
  }
}
