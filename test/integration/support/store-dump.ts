import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Files of a control plane in a folder of their own. */
export interface TestFiles {
  readonly storePath: string;
  readonly accountPath: string;
  /** Every row of every table of the store, as text. */
  dump(): string;
  remove(): void;
}

/** Makes a folder for a store and an account. */
export function makeTestFiles(): TestFiles {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-test-'));
  const storePath = join(folder, 'interlock.db');
  let reader: DatabaseSync | undefined;
  return {
    storePath,
    accountPath: join(folder, 'account.db'),
    dump() {
      reader ??= new DatabaseSync(storePath, { readOnly: true });
      return dumpTables(reader);
    },
    remove() {
      reader?.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function dumpTables(database: DatabaseSync): string {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return tables
    .map(({ name }) => {
      const rows = database.prepare(`SELECT * FROM "${name}"`).all();
      return `${name}\n${rows.map((row) => JSON.stringify(row, bytesAsHex)).join('\n')}`;
    })
    .join('\n\n');
}

function bytesAsHex(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}
