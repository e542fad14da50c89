import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { InvalidInputError, NotFoundError } from '../../core/errors.ts';
import type { ControlRecord } from '../../core/tasks/control.ts';
import type { Caller } from '../../core/tasks/operate.ts';
import { openBarrier } from './barrier.ts';
import { inTransaction } from './sqlite.ts';
import { controlAppender } from './store.ts';
import { openStoreDatabase } from './store-schema.ts';

/** What is kept of a token; the token itself is not. Times are epoch milliseconds. */
export interface StoredToken {
  readonly id: string;
  readonly caller: Caller;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
}

/** The bearer tokens of one machine, kept in the store beside the evidence of them. */
export interface Tokens {
  /** Makes a token, durably, with its record; returns its text, which nobody can get again. */
  create(token: StoredToken, record: ControlRecord): Promise<string>;
  /** The newest first. */
  list(): readonly StoredToken[];
  /** Durable, with its record, when it returns; a request that comes later is refused. Throws
   * `NotFoundError` (`token-not-found`), `InvalidInputError` (`token-revoked`). */
  revoke(id: string, at: number, record: ControlRecord): Promise<StoredToken>;
  /** Whose token it is; undefined for any that is unknown, altered, revoked or expired at `now`. */
  callerOf(text: string, now: number): Caller | undefined;
  close(): void;
}

const SECRET_BYTES = 32;
const TOKEN = /^interlock\.([a-z0-9-]{1,40})\.([A-Za-z0-9_-]{43})$/;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS tokens (
  position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, hash BLOB NOT NULL,
  caller_type TEXT NOT NULL, caller_id TEXT NOT NULL, created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL, expires_at INTEGER, revoked_at INTEGER) STRICT;
`;

/** Opens the tokens of a store's file. */
export function openTokens(storePath: string): Tokens {
  const database = openStoreDatabase(storePath);
  database.exec(SCHEMA);
  const barrier = openBarrier(storePath);
  const byId = database.prepare('SELECT * FROM tokens WHERE id = ?');
  const all = database.prepare('SELECT * FROM tokens ORDER BY position DESC');
  const mark = database.prepare(
    'UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL',
  );
  const append = controlAppender(database);
  const insert = inserter(database);
  return {
    async create(token, record) {
      const secret = randomBytes(SECRET_BYTES).toString('base64url');
      inTransaction(database, () => {
        insert(token, hashOf(secret));
        append(record);
      });
      await barrier.wait();
      return `interlock.${token.id}.${secret}`;
    },
    list: () => all.all().map(tokenOf),
    async revoke(id, at, record) {
      const revoked = inTransaction(database, () => {
        const row = byId.get(id);
        if (row === undefined)
          throw new NotFoundError('token-not-found', `there is no token \`${id.slice(0, 64)}\``);
        if (mark.run(at, id).changes === 0)
          throw new InvalidInputError('token-revoked', `token \`${id}\` is revoked already`);
        append(record);
        return { ...tokenOf(row), revokedAt: at };
      });
      await barrier.wait();
      return revoked;
    },
    callerOf(text, now) {
      const [, id = '', secret = ''] = TOKEN.exec(text) ?? [];
      const row = byId.get(id);
      // Compared even where there is none: the time taken tells nothing.
      const kept = (row?.['hash'] as Uint8Array | undefined) ?? NO_HASH;
      const isSame = timingSafeEqual(kept, hashOf(secret));
      if (row === undefined || !isSame) return undefined;
      const { caller, expiresAt = Number.POSITIVE_INFINITY, revokedAt } = tokenOf(row);
      return revokedAt === undefined && now < expiresAt ? caller : undefined;
    },
    close() {
      barrier.close();
      database.close();
    },
  };
}

/** No secret has it. */
const NO_HASH = new Uint8Array(32);

// 256 random bits need no slow hash: there is nothing to guess.
function hashOf(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

function inserter(database: DatabaseSync) {
  const insert = database.prepare(
    `INSERT INTO tokens (id, hash, caller_type, caller_id, created_at, created_by, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ id, caller, createdAt, createdBy, expiresAt }: StoredToken, hash: Uint8Array) => {
    insert.run(id, hash, caller.type, caller.id, createdAt, createdBy, expiresAt ?? null);
  };
}

function tokenOf(row: Record<string, SQLOutputValue>): StoredToken {
  const expiresAt = row['expires_at'] as number | null;
  const revokedAt = row['revoked_at'] as number | null;
  return {
    id: row['id'] as string,
    caller: { type: row['caller_type'] as Caller['type'], id: row['caller_id'] as string },
    createdAt: row['created_at'] as number,
    createdBy: row['created_by'] as string,
    ...(expiresAt === null ? {} : { expiresAt }),
    ...(revokedAt === null ? {} : { revokedAt }),
  };
}
