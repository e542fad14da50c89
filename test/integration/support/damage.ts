import fs from 'node:fs';
import { join } from 'node:path';
import { cellsOf } from '../../../adapters/embedded/salvage/cells.ts';
import { PAGE_BYTES } from '../../../adapters/embedded/salvage/page-size.ts';
import { openPages } from '../../../adapters/embedded/salvage/pages.ts';
import { openUntouched } from '../../../adapters/embedded/sqlite.ts';
import { errorReport } from '../../../cli/report-error.ts';

/** One damage of a data folder's store. */
export interface Damage {
  readonly name: string;
  /** Changes the file, and answers which pages of the database it touched. */
  readonly apply: (file: string) => readonly number[];
}

/** Damages of every kind at places that `random` chooses. */
export function damageAt(random: () => number, kind: number): Damage {
  const at = random();
  const bit = 1 << Math.floor(random() * 8);
  switch (kind % 4) {
    case 0:
      return over('a flipped bit', at, 1, (byte) => byte ^ bit);
    case 1:
      return over('a sector of zeros', at, 512, () => 0);
    case 2:
      return over('two pages of noise', at, 2 * PAGE_BYTES, () => Math.floor(random() * 256));
    default:
      return cutOff(at);
  }
}

function over(
  name: string,
  share: number,
  length: number,
  change: (byte: number) => number,
): Damage {
  return {
    name: `${name} at ${share}`,
    apply(file) {
      const bytes = fs.readFileSync(file);
      const from = Math.floor(share * bytes.length);
      const to = Math.min(from + length, bytes.length);
      for (let at = from; at < to; at += 1) bytes[at] = change(bytes[at] ?? 0);
      fs.writeFileSync(file, bytes);
      return pagesFrom(from, to);
    },
  };
}

function cutOff(share: number): Damage {
  return {
    name: `cut off at ${share}`,
    apply(file) {
      const { size } = fs.statSync(file);
      const from = Math.floor(share * size);
      fs.truncateSync(file, from);
      return pagesFrom(from, size);
    },
  };
}

function pagesFrom(from: number, to: number): readonly number[] {
  const first = Math.floor(from / PAGE_BYTES) + 1;
  const last = Math.floor((to - 1) / PAGE_BYTES) + 1;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** The pages that the rows of a stream need, by the name of the stream. */
export function pagesOfStreams(folder: string): ReadonlyMap<string, ReadonlySet<number>> {
  const pages = openPages(join(folder, 'interlock.db'));
  const found = new Map<string, Set<number>>();
  for (let page = 1; page <= pages.count; page += 1) {
    const needed: number[] = [];
    const read = (one: number) => {
      needed.push(one);
      return pages.read(one);
    };
    for (const { of, values } of cellsOf({ ...pages, read }, page).cells) {
      const streamId = values.find((value) => /^(tx|control):/.test(String(value)));
      if (of !== 'table' || streamId === undefined) continue;
      // What other rows of the page need is counted too.
      found.set(String(streamId), new Set([...(found.get(String(streamId)) ?? []), ...needed]));
    }
  }
  pages.close();
  return found;
}

/** The first pages of the tables and indexes, and of the file. */
export function rootsOf(folder: string, table?: string): readonly number[] {
  const database = openUntouched(join(folder, 'interlock.db'));
  const rows = database
    .prepare('SELECT rootpage FROM sqlite_schema WHERE rootpage > 0 AND name = COALESCE(?, name)')
    .all(table ?? null);
  database.close();
  const roots = rows.map(({ rootpage }) => rootpage as number);
  return table === undefined ? [1, ...roots] : roots;
}

/** Overwrites a page with zeros. */
export function zeroPage(file: string, page: number): void {
  const handle = fs.openSync(file, 'r+');
  fs.writeSync(handle, Buffer.alloc(PAGE_BYTES), 0, PAGE_BYTES, (page - 1) * PAGE_BYTES);
  fs.closeSync(handle);
}

/** What a command does with a store, or the code of the error that refuses it. */
export async function refusalOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return errorReport(error).error.code;
  }
}
