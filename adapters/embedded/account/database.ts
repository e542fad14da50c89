import type { DatabaseSync } from 'node:sqlite';
import { InvalidInputError } from '../../../core/errors.ts';
import { inTransaction, openSqlite } from '../sqlite.ts';
import { type Entities, type Entity, entityOf, overlay, presentEntities } from './entities.ts';

const SCHEMA_VERSION = 1;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS entity (
  arn TEXT PRIMARY KEY, kind TEXT NOT NULL, account_id TEXT NOT NULL, name TEXT NOT NULL,
  position INTEGER NOT NULL, versions_made INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS entity_name ON entity (kind, account_id, name COLLATE NOCASE);
CREATE INDEX IF NOT EXISTS entity_position ON entity (position);
CREATE TABLE IF NOT EXISTS mutation (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, operation TEXT NOT NULL, input TEXT NOT NULL,
  principal TEXT NOT NULL, answer TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS past (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, arn TEXT NOT NULL, entity TEXT) STRICT;
CREATE INDEX IF NOT EXISTS past_at ON past (at);
CREATE TRIGGER IF NOT EXISTS mutation_stays BEFORE DELETE ON mutation
  BEGIN SELECT RAISE(ABORT, 'the mutation log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS mutation_is_final BEFORE UPDATE ON mutation
  BEGIN SELECT RAISE(ABORT, 'the mutation log is append-only'); END;
`;

/** Opens the account's file, in WAL mode and with commits that a barrier makes durable. */
export function openDatabase(path: string): DatabaseSync {
  const database = openSqlite(path);
  inTransaction(database, () => {
    const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
    if (version !== 0 && version !== SCHEMA_VERSION) {
      throw new InvalidInputError('account-version', `\`${path}\` is of version ${version}`);
    }
    // Also on every later open: the write makes sure that the `-wal` file exists.
    database.exec(`${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION};`);
    setMeta(database, 'opened', 'yes');
  });
  return database;
}

/** One value that belongs to the account as a whole. */
export function getMeta(database: DatabaseSync, key: string): string | undefined {
  return database.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.['value'] as
    | string
    | undefined;
}

/** Sets one value that belongs to the account as a whole. */
export function setMeta(database: DatabaseSync, key: string, value: string): void {
  database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
}

/** Writes changed entities, with their images of before when history is kept. */
export function entityWriter(
  database: DatabaseSync,
  keepsHistory: boolean,
): (changes: ReadonlyMap<string, Entity | undefined>, at: number) => void {
  const put = database.prepare(
    `INSERT OR REPLACE INTO entity (arn, kind, account_id, name, position, versions_made, body)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const remove = database.prepare('DELETE FROM entity WHERE arn = ?');
  const before = database.prepare('SELECT * FROM entity WHERE arn = ?');
  const remember = database.prepare('INSERT INTO past (at, arn, entity) VALUES (?, ?, ?)');
  return (changes, at) => {
    for (const [arn, entity] of changes) {
      if (keepsHistory) {
        const row = before.get(arn);
        remember.run(at, arn, row === undefined ? null : JSON.stringify(row));
      }
      if (entity === undefined) remove.run(arn);
      else put.run(...columnsOf(entity));
    }
  };
}

/** The entities as they were at `at` (epoch ms), for an account that keeps history. */
export function pastEntities(database: DatabaseSync, at: number): Entities {
  const rows = database.prepare('SELECT arn, entity FROM past WHERE at > ? ORDER BY id').all(at);
  const images = new Map<string, Entity | undefined>();
  for (const row of rows) {
    const arn = row['arn'] as string;
    if (images.has(arn)) continue;
    const image = row['entity'] as string | null;
    images.set(arn, image === null ? undefined : entityOf(JSON.parse(image)));
  }
  return overlay(presentEntities(database), images);
}

function columnsOf(entity: Entity): (string | number)[] {
  return [
    entity.arn,
    entity.kind,
    entity.accountId,
    entity.name,
    entity.position,
    entity.versionsMade,
    JSON.stringify(entity.body),
  ];
}
