import fs from 'node:fs';
import { dirname } from 'node:path';
import { createDurably, syncFolder } from '../adapters/embedded/durable-file.ts';
import { InvalidInputError } from '../core/errors.ts';

/** Writes a file that must not exist. Throws `InvalidInputError`: `file-exists`,
 * `file-unwritable`. */
export function writeNewFile(path: string, bytes: Uint8Array): void {
  write(path, () => fs.writeFileSync(path, bytes, { flag: 'wx' }));
}

/** Writes a file whole or not at all, whether it exists or not. Throws `InvalidInputError`
 * (`file-unwritable`). */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const fresh = `${path}.${process.pid}.tmp`;
  write(path, () => {
    fs.writeFileSync(fresh, bytes, { flag: 'wx' });
    fs.renameSync(fresh, path);
  });
}

/** Makes a file of a folder durable and its name too: whole or not at all. Throws
 * `InvalidInputError` (`file-exists`, `file-unwritable`). */
export function writeDurableFile(path: string, bytes: Uint8Array): void {
  write(path, () => {
    createDurably(path, bytes, 0o666);
    syncFolder(dirname(path));
  });
}

function write(path: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'EEXIST')
      throw new InvalidInputError('file-exists', `\`${path}\` exists already`, {
        hint: 'name another file, or pass --force to replace it',
        cause,
      });
    throw new InvalidInputError('file-unwritable', `cannot write \`${path}\`: ${code}`, { cause });
  }
}
