import fs from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { openPages } from './salvage/pages.ts';
import { openUntouched } from './sqlite.ts';

/** Problems of one database that are told, at most. */
const PROBLEMS_MAX = 20;

/** What SQLite finds wrong with a database file, and with the log beside it; nothing is written.
 * A byte that is flipped inside a value is not seen by it: that is for the evidence to tell. */
export function problemsOf(path: string): readonly string[] {
  const isOpenElsewhere = () => fs.existsSync(`${path}-wal`);
  const wasClosed = !isOpenElsewhere();
  const found = look(path);
  // A writer came while the file was read as if there were none: once more, beside it.
  return found.length > 0 && wasClosed && isOpenElsewhere() ? look(path) : found;
}

function look(path: string): readonly string[] {
  const pages = openPages(path);
  pages.close();
  return [...pages.problems, ...problemsOfTrees(path)].slice(0, PROBLEMS_MAX);
}

function problemsOfTrees(path: string): readonly string[] {
  let database: DatabaseSync | undefined;
  try {
    database = openUntouched(path);
    const names = treeNames(database);
    const found = database.prepare(`PRAGMA integrity_check(${PROBLEMS_MAX})`).all();
    const lines = found.flatMap((row) => String(row['integrity_check']).split('\n'));
    return lines.filter((line) => line !== 'ok').map((line) => withNames(line, names));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    database?.close();
  }
}

function treeNames(database: DatabaseSync): ReadonlyMap<string, string> {
  const rows = database.prepare('SELECT rootpage, name FROM sqlite_schema').all();
  return new Map(rows.map(({ rootpage, name }) => [String(rootpage), String(name)]));
}

/** "Tree 7 page 9 cell 3: ..." names a table or an index by the number of its first page. */
function withNames(line: string, names: ReadonlyMap<string, string>): string {
  return line.replace(/^Tree (\d+) /, (text, root) => `\`${names.get(root) ?? text.trim()}\` `);
}
