import { DatabaseSync } from 'node:sqlite';
import { InvalidInputError, StoreDamagedError } from '../../core/errors.ts';
import { RETENTION_TABLES, RETENTION_TRIGGERS } from './retention-schema.ts';
import { inTransaction, openSqlite } from './sqlite.ts';
import { LIST_INDEXES } from './store-list.ts';

const SCHEMA_VERSION = 4;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS transactions (
  position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  agent TEXT NOT NULL, actor TEXT NOT NULL, idempotency_key TEXT NOT NULL,
  plan_digest TEXT NOT NULL, undo_of TEXT, created_at INTEGER NOT NULL, status TEXT NOT NULL,
  reason TEXT, epoch INTEGER NOT NULL, step_index INTEGER NOT NULL, phase TEXT NOT NULL,
  attempt INTEGER NOT NULL, details INTEGER NOT NULL,
  approval TEXT, next_seq INTEGER NOT NULL, sealed INTEGER NOT NULL, cancelled TEXT,
  owner TEXT, lease_until INTEGER, resolution TEXT, UNIQUE (actor, idempotency_key)) STRICT;
CREATE TABLE IF NOT EXISTS transaction_details (
  id TEXT PRIMARY KEY, plan TEXT NOT NULL, targets TEXT, prepared TEXT) STRICT;
CREATE TABLE IF NOT EXISTS decisions (
  position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  transaction_id TEXT NOT NULL, body TEXT NOT NULL, used_by TEXT) STRICT;
CREATE INDEX IF NOT EXISTS decisions_of ON decisions (transaction_id);
CREATE TABLE IF NOT EXISTS claims (
  position INTEGER PRIMARY KEY, attempt_id TEXT NOT NULL UNIQUE,
  transaction_id TEXT NOT NULL, step_index INTEGER NOT NULL, kind TEXT NOT NULL,
  attempt INTEGER NOT NULL, body TEXT NOT NULL, policy_digest TEXT, answer TEXT,
  UNIQUE (transaction_id, step_index, kind, attempt)) STRICT;
CREATE TABLE IF NOT EXISTS locks (
  resource TEXT PRIMARY KEY, transaction_id TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS locks_of ON locks (transaction_id);
CREATE TABLE IF NOT EXISTS records (
  stream_id TEXT NOT NULL, seq INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (stream_id, seq)) STRICT;
CREATE TABLE IF NOT EXISTS seals (
  position INTEGER PRIMARY KEY AUTOINCREMENT, stream_id TEXT NOT NULL, tree_size INTEGER NOT NULL,
  envelope TEXT NOT NULL, public_key BLOB NOT NULL, UNIQUE (stream_id, tree_size)) STRICT;
CREATE TABLE IF NOT EXISTS closed_streams (stream_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_entries (
  position INTEGER PRIMARY KEY, statement BLOB NOT NULL, stream_id TEXT, tree_size INTEGER,
  seal_position INTEGER, key_id TEXT UNIQUE, UNIQUE (stream_id, tree_size)) STRICT;
CREATE TABLE IF NOT EXISTS log_nodes (
  level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL,
  PRIMARY KEY (level, place)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_heads (
  size INTEGER PRIMARY KEY, root TEXT NOT NULL, frontier BLOB NOT NULL,
  checkpoint TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS contents (
  digest TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kill_switch (
  scope TEXT PRIMARY KEY, mode TEXT NOT NULL, by_whom TEXT NOT NULL, reason TEXT NOT NULL,
  at INTEGER NOT NULL) STRICT;
`;

const TABLES = `${SCHEMA} ${RETENTION_TABLES}`;

// Evidence is append-only, but for what is pruned; so are decisions and claims, but for their one-way marks.
const TRIGGERS = `
${RETENTION_TRIGGERS}
${appendOnly('seals')}
${appendOnly('closed_streams')}
${appendOnly('log_entries')}
${appendOnly('log_nodes')}
${appendOnly('log_heads')}
${appendOnly('contents')}
CREATE TRIGGER IF NOT EXISTS decisions_stay BEFORE DELETE ON decisions
  BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER IF NOT EXISTS decisions_used_once BEFORE UPDATE ON decisions
  WHEN OLD.used_by IS NOT NULL
    OR (NEW.id, NEW.transaction_id, NEW.body) <> (OLD.id, OLD.transaction_id, OLD.body)
  BEGIN SELECT RAISE(ABORT, 'a decision is used once'); END;
CREATE TRIGGER IF NOT EXISTS claims_stay BEFORE DELETE ON claims
  BEGIN SELECT RAISE(ABORT, 'claims are append-only'); END;
CREATE TRIGGER IF NOT EXISTS claims_answered_once BEFORE UPDATE ON claims
  WHEN OLD.answer IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'a claim is answered once'); END;
CREATE TRIGGER IF NOT EXISTS claims_vended_once BEFORE UPDATE ON claims
  WHEN OLD.policy_digest IS NOT NULL AND NEW.policy_digest IS NOT OLD.policy_digest
  BEGIN SELECT RAISE(ABORT, 'a claim is vended once'); END;
CREATE TRIGGER IF NOT EXISTS claims_are_final BEFORE UPDATE ON claims
  WHEN (NEW.attempt_id, NEW.transaction_id, NEW.step_index, NEW.kind, NEW.attempt, NEW.body)
    <> (OLD.attempt_id, OLD.transaction_id, OLD.step_index, OLD.kind, OLD.attempt, OLD.body)
  BEGIN SELECT RAISE(ABORT, 'claims are append-only'); END;
`;

function appendOnly(table: string): string {
  return `
CREATE TRIGGER IF NOT EXISTS ${table}_stay BEFORE DELETE ON ${table}
  BEGIN SELECT RAISE(ABORT, '${table} are append-only'); END;
CREATE TRIGGER IF NOT EXISTS ${table}_are_final BEFORE UPDATE ON ${table}
  BEGIN SELECT RAISE(ABORT, '${table} are append-only'); END;`;
}

/** Opens the store's database in a file, or `:memory:`; creates it when absent. */
export function openStoreDatabase(path: string): DatabaseSync {
  const database = openSqlite(path);
  // Or INSERT OR REPLACE would delete without asking the triggers ("ON CONFLICT", SQLite).
  database.exec('PRAGMA recursive_triggers = ON;');
  inTransaction(database, () => {
    const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
    if (version !== 0 && version !== SCHEMA_VERSION)
      throw new InvalidInputError('store-version', `\`${path}\` is of version ${version}`, {
        hint: 'use the release of Interlock that made it',
      });
    requireSchema(database, version === 0);
    // Also on every later open: the write makes sure that the `-wal` file exists.
    database.exec(`${TABLES} ${LIST_INDEXES} ${TRIGGERS} PRAGMA user_version = ${SCHEMA_VERSION};`);
    database.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('opened', 'yes')");
  });
  return database;
}

/** Throws `StoreDamagedError` unless each table is there as the schema makes it, or none in a new
 * file: a table whose name is damaged would otherwise be made once more, and empty. */
function requireSchema(database: DatabaseSync, isNew: boolean): void {
  const found = schemaOf(database);
  for (const [name, { type, sql }] of expectedSchema()) {
    const other = found.get(name);
    const isAsMade = other === undefined ? isNew || type !== 'table' : !isNew && other.sql === sql;
    if (!isAsMade) throw new StoreDamagedError(`the ${type} \`${name}\``, undefined);
  }
}

type Schema = ReadonlyMap<string, { readonly type: string; readonly sql: string }>;

let expected: Schema | undefined;

function expectedSchema(): Schema {
  expected ??= schemaAsMade();
  return expected;
}

function schemaAsMade(): Schema {
  const fresh = new DatabaseSync(':memory:');
  fresh.exec(`${TABLES} ${LIST_INDEXES} ${TRIGGERS}`);
  const schema = schemaOf(fresh);
  fresh.close();
  return schema;
}

function schemaOf(database: DatabaseSync): Schema {
  const rows = database.prepare('SELECT type, name, sql FROM sqlite_schema').all();
  // An index that SQLite makes by itself has no text.
  const own = rows.filter(({ sql }) => sql !== null);
  return new Map(
    own.map(({ type, name, sql }) => [String(name), { type: String(type), sql: String(sql) }]),
  );
}
