import fs from 'node:fs';
import { join } from 'node:path';
import { EvidenceError } from '../../core/errors.ts';
import type { Checkpoints, PublishedCheckpoint } from '../../core/ports/checkpoints.ts';
import { createDurably, syncFolder } from './durable-file.ts';

/** Digits of a size in a file's name, so that names are in the order of sizes. */
const SIZE_DIGITS = 16;
const NAME = new RegExp(`^\\d{${SIZE_DIGITS}}$`);

/** The checkpoints of a log as files of a folder, each named after its size. */
export function checkpointFolder(folder: string): Checkpoints {
  const names = () =>
    fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => NAME.test(name)) : [];
  const read = (name: string): PublishedCheckpoint => ({
    size: Number(name),
    note: fs.readFileSync(join(folder, name), 'utf8'),
  });
  let known: string | undefined;
  return {
    async newest() {
      // A folder of many files is looked through once: what others publish meanwhile is in the log.
      known ??= names().sort().at(-1);
      return known === undefined ? undefined : read(known);
    },
    all: async () => names().sort().map(read),
    async publish({ size, note }) {
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      const name = String(size).padStart(SIZE_DIGITS, '0');
      const path = join(folder, name);
      if (!writeOnce(path, note) && fs.readFileSync(path, 'utf8') !== note)
        throw new EvidenceError(
          'checkpoint-forked',
          `another checkpoint of ${size} entries was published`,
          { hint: 'the log was forked or put back: `interlock evidence verify --all` says where' },
        );
      // Also for one that was there: its writer may not have come so far.
      syncFolder(folder);
      if (known === undefined || name > known) known = name;
    },
  };
}

/** Checkpoints of a log that nobody else can see: they live as long as the process. */
export function memoryCheckpoints(): Checkpoints {
  const published = new Map<number, string>();
  const all = (): readonly PublishedCheckpoint[] =>
    [...published].map(([size, note]) => ({ size, note })).sort((a, b) => a.size - b.size);
  return {
    newest: async () => all().at(-1),
    all: async () => all(),
    async publish({ size, note }) {
      const known = published.get(size) ?? note;
      if (known !== note)
        throw new EvidenceError('checkpoint-forked', `two checkpoints of ${size} entries`);
      published.set(size, note);
    },
  };
}

/** Writes a file whole and durably, or not at all; false when one is there. */
function writeOnce(path: string, text: string): boolean {
  if (fs.existsSync(path)) return false;
  try {
    createDurably(path, text, 0o600);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
