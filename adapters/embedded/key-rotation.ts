import { createPublicKey } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { recordOfFact } from '../../core/tasks/control.ts';
import { openBarrier } from './barrier.ts';
import type { DataFolder } from './data-folder.ts';
import { syncFolder } from './durable-file.ts';
import { currentSealKey, replaceSealKey } from './seal-rows.ts';
import { createKeyFile, fingerprintOf, keyFileSigner } from './signer.ts';
import { inTransaction } from './sqlite.ts';
import { controlAppender } from './store.ts';
import { openStoreDatabase } from './store-schema.ts';

/** Who replaces the key that seals, and why. */
export interface RotationWish {
  readonly actor: string;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The key that seals now, and the one that it has replaced; SHA-256 of SPKI, hex. */
export interface Rotation {
  readonly keyId: string;
  readonly replaces: string;
}

/**
 * Makes a new key that seals, with its record; of the old one only the public half stays. From the
 * record on the store takes no seal by the old key, whichever process made it. Durable when it
 * returns; stopped anywhere, the old key seals on or `settleRotation` ends it.
 */
export async function rotateSealKey(
  folder: DataFolder,
  { actor, reason, now }: RotationWish,
): Promise<Rotation> {
  const old = keyFileSigner(folder.key);
  keepPublicHalf(folder, old);
  fs.rmSync(folder.nextKey, { force: true });
  createKeyFile(folder.nextKey);
  syncFolder(folder.path);
  const { keyId } = keyFileSigner(folder.nextKey);
  const rotation = { keyId, replaces: old.keyId };
  const database = openStoreDatabase(folder.store);
  const barrier = openBarrier(folder.store);
  try {
    const append = controlAppender(database);
    inTransaction(database, () => {
      replaceSealKey(database, keyId);
      append(recordOfFact({ kind: 'key-rotated', actor, data: { ...rotation, reason } }, now));
    });
    await barrier.wait();
  } finally {
    barrier.close();
    database.close();
  }
  settleRotation(folder);
  return rotation;
}

/** Ends a rotation that a crash has left between the record and the file of the new key. */
export function settleRotation(folder: DataFolder): void {
  if (!fs.existsSync(folder.nextKey) || !fs.existsSync(folder.store)) return;
  const database = openStoreDatabase(folder.store);
  try {
    // Otherwise it is of a rotation that is not on record yet, or never came to be.
    if (currentSealKey(database) !== keyFileSigner(folder.nextKey).keyId) return;
    fs.renameSync(folder.nextKey, folder.key);
    syncFolder(folder.path);
  } catch (error) {
    // Another process has ended it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    database.close();
  }
}

/** The keys whose seals the log may take in: the one that seals, and those that did before. */
export function sealKeyIdsOf({ key, oldKeys }: DataFolder): readonly string[] {
  const old = fs.existsSync(oldKeys) ? fs.readdirSync(oldKeys) : [];
  return [
    keyFileSigner(key).keyId,
    ...old.map((name) => fingerprintOf(spkiOf(join(oldKeys, name)))),
  ];
}

function keepPublicHalf(
  { oldKeys }: DataFolder,
  { publicKey, keyId }: { readonly publicKey: Uint8Array; readonly keyId: string },
): void {
  fs.mkdirSync(oldKeys, { recursive: true, mode: 0o700 });
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  const file = fs.openSync(join(oldKeys, `${keyId}.pem`), 'w', 0o600);
  fs.writeSync(file, key.export({ format: 'pem', type: 'spki' }).toString());
  fs.fsyncSync(file);
  fs.closeSync(file);
  syncFolder(oldKeys);
}

function spkiOf(path: string): Uint8Array {
  return createPublicKey(fs.readFileSync(path)).export({ format: 'der', type: 'spki' });
}
