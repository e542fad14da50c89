import fs from 'node:fs';
import { PAGE_BYTES } from './page-size.ts';
import { readWal, type WalPages } from './wal.ts';

/** The pages of a database as its files hold them; nothing is written. */
export interface Pages {
  /** Pages are numbered from 1 to this. */
  readonly count: number;
  /** What is wrong with the files as a whole. */
  readonly problems: readonly string[];
  /** The newest image of a page; zeros where the file was cut. */
  read(page: number): Buffer;
  close(): void;
}

const MAGIC = 'SQLite format 3\0';
const PAGE_COUNT_AT = 28;

/** Opens the pages of a database and of the log beside it, whatever state they are in. */
export function openPages(path: string): Pages {
  const database = openFile(path);
  const log = fs.existsSync(`${path}-wal`) ? openFile(`${path}-wal`) : undefined;
  const wal: WalPages =
    log === undefined
      ? { offsets: new Map(), pageCount: 0, problems: [] }
      : readWal(log.file, log.size);
  const header = Buffer.alloc(PAGE_BYTES);
  fs.readSync(database.file, header, 0, PAGE_BYTES, 0);
  const inFile = Math.ceil(database.size / PAGE_BYTES);
  const count = Math.max(inFile, wal.pageCount);
  return {
    count,
    problems: [...headerProblems(header, { inFile, inWal: wal.pageCount }), ...wal.problems],
    read(page) {
      const bytes = Buffer.alloc(PAGE_BYTES);
      const offset = wal.offsets.get(page);
      if (log !== undefined && offset !== undefined)
        fs.readSync(log.file, bytes, 0, PAGE_BYTES, offset);
      else fs.readSync(database.file, bytes, 0, PAGE_BYTES, (page - 1) * PAGE_BYTES);
      return bytes;
    },
    close() {
      fs.closeSync(database.file);
      if (log !== undefined) fs.closeSync(log.file);
    },
  };
}

function openFile(path: string): { readonly file: number; readonly size: number } {
  const file = fs.openSync(path, 'r');
  return { file, size: fs.fstatSync(file).size };
}

function headerProblems(
  header: Buffer,
  { inFile, inWal }: { readonly inFile: number; readonly inWal: number },
): readonly string[] {
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    return ['the first bytes are not those of a database'];
  const expected = header.readUInt32BE(PAGE_COUNT_AT);
  if (expected <= inFile || inWal >= expected) return [];
  return [`the file is cut off: it has ${inFile} pages of ${expected}`];
}
