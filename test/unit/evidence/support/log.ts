import { areEqual, bytesOfText, hexOf, textOfBytes } from '../../../../core/evidence/bytes.ts';
import type { Bundle, BundleKey, LogProof } from '../../../../core/evidence/index.ts';
import {
  base64Of,
  checkpointText,
  consistencyProof,
  inclusionProof,
  keyStatement,
  leafHash,
  logOrigin,
  merkleRoot,
  openEnvelope,
  signedCheckpoint,
} from '../../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../../core/evidence/node-crypto.ts';
import type { TestKey } from './key.ts';
import { makeKey } from './key.ts';

/** The key of the log that tests put their seals into. */
export const logKey: TestKey = makeKey();

/** How a test's log is. */
export interface LogOptions {
  readonly key?: TestKey;
  /** How many seals are in the log; all when absent. */
  readonly sealsLogged?: number;
  /** The size of the checkpoint that the reader has from before. */
  readonly pinnedSize?: number;
  /** Entries after the last seal. */
  readonly after?: number;
}

/** A bundle with its log part, and a note of an older checkpoint of the same log. */
export interface Logged {
  readonly bundle: Bundle;
  readonly pinned: string;
  readonly entries: readonly Uint8Array[];
}

const PINNED_SIZE = 3;
const AFTER = 4;
const AT = '2026-11-25T03:00:00.000Z';

/** Puts a bundle's keys and seals into a log, between entries of others, as the sequencer would. */
export function logged(bundle: Bundle, options: LogOptions = {}): Logged {
  const { key = logKey, pinnedSize = PINNED_SIZE, after = AFTER } = options;
  const seals = bundle.seals.slice(0, options.sealsLogged ?? bundle.seals.length);
  const entries = ['one', 'two', 'three', 'four'].map(otherEntry);
  let newest: string | undefined;
  for (const { keyId, statement } of seals.map(openEnvelope)) {
    if (keyId !== newest) entries.push(...keyEntries(bundle, keyId, entries, newest));
    newest = keyId;
    entries.push(otherEntry(`before seal at ${entries.length}`), statement);
  }
  for (let count = 0; count < after; count++) entries.push(otherEntry(`after ${count}`));
  const log = logOf(bundle, entries, { key, pinnedSize });
  return { bundle: log, pinned: noteOf(entries.slice(0, pinnedSize).map(leafOf), key), entries };
}

/** The bundle with its places in a log of these entries: of those seals and keys that are there. */
export function logOf(
  bundle: Bundle,
  entries: readonly Uint8Array[],
  { key = logKey, pinnedSize = PINNED_SIZE }: LogOptions = {},
): Bundle {
  const leaves = entries.map(leafOf);
  const place = (position: number): LogProof => ({
    position,
    proof: inclusionProof(nodeCrypto, leaves, position),
  });
  const keys = bundle.keys.map(({ publicKey }): BundleKey => {
    const position = entries.findIndex((entry) => isEntryOf(entry, publicKey));
    const statement = entries[position];
    return statement === undefined
      ? { publicKey }
      : { publicKey, entry: { ...place(position), statement } };
  });
  const seals = bundle.seals.flatMap((seal) => {
    const { statement } = openEnvelope(seal);
    const position = entries.findIndex((entry) => areEqual(entry, statement));
    return position < 0 ? [] : [place(position)];
  });
  const proof = consistencyProof(nodeCrypto, leaves, pinnedSize);
  const consistency = { size: pinnedSize, proof };
  const log = { publicKey: key.spki, checkpoint: noteOf(leaves, key), seals, consistency };
  return { ...bundle, keys, log };
}

function keyEntries(
  bundle: Bundle,
  keyId: string,
  entries: readonly Uint8Array[],
  newest: string | undefined,
): readonly Uint8Array[] {
  const publicKey = bundle.keys.find((one) => keyIdOf(one.publicKey) === keyId)?.publicKey;
  // A key that the bundle does not hold: its verification says so.
  if (publicKey === undefined) return [];
  if (entries.some((entry) => isEntryOf(entry, publicKey))) return [];
  const replaces = newest === undefined ? {} : { replaces: newest };
  return [keyStatement({ keyId, publicKey, at: AT, ...replaces })];
}

function isEntryOf(entry: Uint8Array, publicKey: Uint8Array): boolean {
  return textOfBytes(entry).includes(`"publicKey":"${base64Of(publicKey)}"`);
}

function leafOf(entry: Uint8Array): Uint8Array {
  return leafHash(nodeCrypto, entry);
}

/** The checkpoint over leaf hashes, signed. */
export function noteOf(leaves: readonly Uint8Array[], key: TestKey = logKey): string {
  const root = merkleRoot(nodeCrypto, leaves);
  const checkpoint = { origin: logOrigin(key.keyId), size: leaves.length, root };
  const signature = key.sign(bytesOfText(checkpointText(checkpoint)));
  return signedCheckpoint(checkpoint, { publicKey: key.spki, keyId: key.keyId, signature });
}

function otherEntry(name: string): Uint8Array {
  return bytesOfText(`an entry of another stream, ${name}`);
}

function keyIdOf(publicKey: Uint8Array): string {
  return hexOf(nodeCrypto.sha256(publicKey));
}
