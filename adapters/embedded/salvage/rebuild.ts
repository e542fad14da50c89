import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { STREAM_ID_PATTERN } from '../../../core/evidence/record.ts';
import { sha256Hex } from '../../../core/hash.ts';
import { inTransaction } from '../sqlite.ts';
import { openStoreDatabase } from '../store-schema.ts';
import { type Cell, cellsOf, type StoredValue } from './cells.ts';
import { fillLogNodes } from './log-nodes.ts';
import { openPages } from './pages.ts';

/** Pages whose rows go into one commit of the fresh store. */
const PAGES_AT_ONCE = 5000;

/** A fresh store of every row that could still be read. */
export interface RebuiltStore {
  readonly database: DatabaseSync;
  /** The streams that a row or an index names, whether anything of them is left or not. */
  streamsNamed(): readonly string[];
  /** Rows of which too little was left to know what they said. */
  readonly unreadableRows: number;
}

/**
 * Reads every page of a damaged store by itself and puts its rows into a fresh store: no index, no
 * inner page and no header is needed, so that damage costs what stands on the damaged pages and
 * nothing else. The damaged files are not written to; nobody else may write to them meanwhile.
 */
export function rebuildStore(
  from: string,
  to: string,
  onProgress: (done: number, count: number) => void,
): RebuiltStore {
  const database = openStoreDatabase(to);
  dropTriggers(database);
  database.exec(`PRAGMA synchronous = OFF;
    CREATE TABLE named_streams (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`);
  const keep = keeper(database);
  const pages = openPages(from);
  let unreadableRows = 0;
  try {
    for (let first = 1; first <= pages.count; first += PAGES_AT_ONCE) {
      const last = Math.min(first + PAGES_AT_ONCE - 1, pages.count);
      inTransaction(database, () => {
        for (let page = first; page <= last; page += 1) {
          const { cells, unreadable } = cellsOf(pages, page);
          unreadableRows += unreadable;
          for (const cell of cells) keep(cell);
        }
      });
      onProgress(last, pages.count);
    }
  } finally {
    pages.close();
  }
  fillLogNodes(database);
  return {
    database,
    streamsNamed: () =>
      database
        .prepare('SELECT id FROM named_streams ORDER BY id')
        .all()
        .map(({ id }) => id as string),
    unreadableRows,
  };
}

/** Rows come in any order, and were let in once before. */
function dropTriggers(database: DatabaseSync): void {
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all();
  for (const { name } of names) database.exec(`DROP TRIGGER ${name}`);
}

/** Puts a cell where it belongs: no two tables have rows of one shape, but for those that
 * `isOfTable` tells apart. */
function keeper(database: DatabaseSync): (cell: Cell) => void {
  const tables = tablesOf(database);
  const name = database.prepare('INSERT OR IGNORE INTO named_streams (id) VALUES (?)');
  return (cell) => {
    const named = cell.values.find((value) => isStream(value));
    if (named !== undefined) name.run(named);
    for (const { of, name, columns, insert } of tables) {
      const row = of === cell.of ? rowFor(columns, cell) : undefined;
      if (row !== undefined && isOfTable(name, row)) {
        insert.run(...row);
        return;
      }
    }
  };
}

function isStream(value: StoredValue): value is string {
  return typeof value === 'string' && STREAM_ID_PATTERN.test(value);
}

interface Column {
  readonly type: string;
  readonly isRequired: boolean;
  /** SQLite keeps NULL in its place, and the value as the row's id. */
  readonly isRowId: boolean;
}

interface Table {
  /** A table without row ids is stored as an index is. */
  readonly of: Cell['of'];
  readonly name: string;
  readonly columns: readonly Column[];
  readonly insert: StatementSync;
}

function tablesOf(database: DatabaseSync): readonly Table[] {
  const names = database
    .prepare("SELECT name, wr FROM pragma_table_list WHERE type = 'table' AND strict = 1")
    .all();
  const stored = names.filter(({ name }) => name !== 'named_streams');
  return stored.map(({ name, wr }) => {
    const rows = database.prepare('SELECT * FROM pragma_table_info(?)').all(String(name));
    const keys = rows.filter(({ pk }) => pk !== 0).length;
    const columns = rows.map(({ type, notnull, pk }) => ({
      type: String(type),
      isRequired: notnull === 1,
      isRowId: wr === 0 && keys === 1 && pk === 1 && type === 'INTEGER',
    }));
    const places = columns.map(() => '?').join(', ');
    // A second row of one key is an older image of the first.
    return {
      of: wr === 0 ? 'table' : 'index',
      name: String(name),
      columns,
      insert: database.prepare(`INSERT OR IGNORE INTO ${name} VALUES (${places})`),
    };
  });
}

/** Two tables without row ids have two texts; only one of them holds what it is named by. */
function isOfTable(name: string, [first, second]: readonly StoredValue[]): boolean {
  const isContent = typeof second === 'string' && sha256Hex(second) === first;
  if (name === 'contents') return isContent;
  return name !== 'locks' || !isContent;
}

function rowFor(
  columns: readonly Column[],
  { rowId, values }: Cell,
): readonly StoredValue[] | undefined {
  if (values.length !== columns.length) return undefined;
  const row = values.map((value, index) => (columns[index]?.isRowId === true ? rowId : value));
  const fits = columns.every((column, index) => isOfColumn(column, row[index] ?? null));
  return fits ? row : undefined;
}

function isOfColumn({ type, isRequired }: Column, value: StoredValue): boolean {
  if (value === null) return !isRequired;
  if (typeof value === 'string') return type === 'TEXT';
  return typeof value === 'number'
    ? type === 'INTEGER' && Number.isSafeInteger(value)
    : type === 'BLOB';
}
