import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(process.cwd(), '..', 'shared', 'data', 'vectors');

/** One file of the shared vectors. */
export interface VectorFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** All files below a folder of the shared vectors; none, said aloud, where the folder is absent. */
export function sharedVectors(folder: string): readonly VectorFile[] {
  const base = join(ROOT, folder);
  if (!existsSync(base)) {
    say(`SKIPPED: 0 vectors ran, ../shared/data/vectors/${folder} is absent`);
    return [];
  }
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path: path.slice(base.length + 1), bytes: readFileSync(path) }));
}

/** Prints one line among the test output. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
