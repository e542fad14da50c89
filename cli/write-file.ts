import fs from 'node:fs';
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
