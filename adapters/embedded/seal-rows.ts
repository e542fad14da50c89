import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { StoredSeal } from '../../core/ports/store.ts';
import { keyReplaced, sealExists } from '../../core/store-refusals.ts';
import { fingerprintOf } from './signer.ts';

/** Puts a seal inside the caller's transaction. Throws `StaleStateError`, and `EvidenceError`
 * (`key-replaced`) for one by another key than `replaceSealKey` has named last. */
export function sealWriter(database: DatabaseSync): (seal: StoredSeal) => void {
  const put = database.prepare(
    `INSERT OR IGNORE INTO seals (stream_id, tree_size, envelope, public_key)
     VALUES (?, ?, ?, ?)`,
  );
  const current = database.prepare(`SELECT value FROM meta WHERE key = '${SEAL_KEY}'`);
  return ({ streamId, treeSize, envelope, publicKey }) => {
    const keyId = current.get()?.['value'];
    const isReplaced = keyId !== undefined && keyId !== fingerprintOf(publicKey);
    if (isReplaced) throw keyReplaced(streamId);
    if (put.run(streamId, treeSize, envelope, publicKey).changes !== 1) throw sealExists(streamId);
  };
}

/** The seals of a stream, the smallest first. */
export function sealReader(database: DatabaseSync): (streamId: string) => readonly StoredSeal[] {
  const all = database.prepare('SELECT * FROM seals WHERE stream_id = ? ORDER BY tree_size');
  return (streamId) => all.all(streamId).map(sealOfRow);
}

/** A seal of its row. */
export function sealOfRow(row: Record<string, SQLOutputValue>): StoredSeal {
  return {
    streamId: row['stream_id'] as string,
    treeSize: row['tree_size'] as number,
    envelope: row['envelope'] as string,
    publicKey: row['public_key'] as Uint8Array,
  };
}

/** The key that alone may seal from now on, inside the caller's transaction. */
export function replaceSealKey(database: DatabaseSync, keyId: string): void {
  database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(SEAL_KEY, keyId);
}

/** The key that was named last; undefined while none has replaced the first. */
export function currentSealKey(database: DatabaseSync): string | undefined {
  const row = database.prepare('SELECT value FROM meta WHERE key = ?').get(SEAL_KEY);
  return row?.['value'] as string | undefined;
}

const SEAL_KEY = 'seal-key';
