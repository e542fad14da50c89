import { randomBytes } from 'node:crypto';
import fs from 'node:fs';

/**
 * Makes a file whole or not at all, with all that is in it on the disk; its name is durable once its
 * folder is synced. Never replaces one (`EEXIST`).
 */
export function createDurably(path: string, data: string | Uint8Array, mode: number): void {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    fs.writeFileSync(draft, data, { flag: 'wx', mode, flush: true });
    // A link appears at once with all that is in it, and not where a file is.
    fs.linkSync(draft, path);
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** Makes the names in a folder durable. */
export function syncFolder(path: string): void {
  const handle = fs.openSync(path, 'r');
  fs.fsyncSync(handle);
  fs.closeSync(handle);
}
