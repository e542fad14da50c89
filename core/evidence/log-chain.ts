import type { Crypto } from '../ports/crypto.ts';
import { attempt } from './attempt.ts';
import type { Bundle, BundleKey, BundleLog, LogProof } from './bundle.ts';
import { areEqual, hexOf } from './bytes.ts';
import type { Checkpoint } from './checkpoint.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { KeyEntry } from './log-entry.ts';
import { parseKeyStatement } from './log-entry.ts';
import { leafHash } from './merkle.ts';
import { verifyInclusion } from './proof.ts';
import type { LinkedSeal, SealChain } from './seal-chain.ts';

/** What the log part of a bundle shows, whoever trusts its key. */
export type LogChain =
  | { readonly state: 'none' }
  /** Something in it does not verify. */
  | { readonly state: 'broken'; readonly problem: string }
  | {
      readonly state: 'whole';
      /** Of the log's key. */
      readonly keyId: string;
      readonly log: BundleLog;
      readonly checkpoint: Checkpoint;
      /** Of the first seals, in order; each is in the log. */
      readonly sealPositions: readonly number[];
      /** Of the keys that are in the log, by key id. */
      readonly keyPositions: ReadonlyMap<string, number>;
    };

/** Reads the log part: its checkpoint, the place of each seal and of each key. Never throws. */
export function readLogChain(crypto: Crypto, bundle: Bundle, chain: SealChain): LogChain {
  const { log } = bundle;
  if (log === undefined) return { state: 'none' };
  const checkpoint = attempt(() => openCheckpoint(crypto, log.checkpoint, log.publicKey));
  if (typeof checkpoint === 'string') return { state: 'broken', problem: checkpoint };
  const keyId = hexOf(crypto.sha256(log.publicKey));
  const problem =
    (chain.keys.has(keyId) ? "the log's key seals too" : undefined) ??
    sealsProblem(crypto, checkpoint, log, chain.seals) ??
    keysProblem(crypto, checkpoint, chain.keys) ??
    orderProblem(log, chain);
  if (problem !== undefined) return { state: 'broken', problem };
  return {
    state: 'whole',
    keyId,
    log,
    checkpoint,
    sealPositions: log.seals.map(({ position }) => position),
    keyPositions: positionsOf(chain.keys),
  };
}

function sealsProblem(
  crypto: Crypto,
  checkpoint: Checkpoint,
  log: BundleLog,
  seals: readonly LinkedSeal[],
): string | undefined {
  let previous = -1;
  for (const [index, place] of log.seals.entries()) {
    const seal = seals[index];
    // The seals were not read so far: integrity says why.
    if (seal === undefined) return undefined;
    if (!isIncluded(crypto, checkpoint, place, seal.statement)) {
      return `seal ${index}: its proof does not show it at position ${place.position} of the log`;
    }
    if (place.position <= previous) return `seal ${index}: stands in the log before an earlier one`;
    previous = place.position;
  }
  return undefined;
}

function keysProblem(
  crypto: Crypto,
  checkpoint: Checkpoint,
  keys: ReadonlyMap<string, BundleKey>,
): string | undefined {
  for (const [keyId, { publicKey, entry }] of keys) {
    if (entry === undefined) continue;
    const named = attempt(() => parseKeyStatement(entry.statement));
    if (typeof named === 'string') return `key ${keyId}: ${named}`;
    if (!isEntryOf(named, keyId, publicKey)) return `key ${keyId}: its entry is of another key`;
    if (!isIncluded(crypto, checkpoint, entry, entry.statement)) {
      return `key ${keyId}: its proof does not show it at position ${entry.position} of the log`;
    }
  }
  return undefined;
}

function isEntryOf(entry: KeyEntry, keyId: string, publicKey: Uint8Array): boolean {
  return entry.keyId === keyId && areEqual(entry.publicKey, publicKey);
}

/** The sequencer enters a key before the first seal that names it. */
function orderProblem(log: BundleLog, chain: SealChain): string | undefined {
  for (const [index, { position }] of log.seals.entries()) {
    const seal = chain.seals[index];
    if (seal === undefined) return undefined;
    const entry = chain.keys.get(seal.keyId)?.entry;
    if (entry === undefined) return `seal ${index}: the entry of its key in the log is missing`;
    if (entry.position > position) return `seal ${index}: stands in the log before its key`;
  }
  return undefined;
}

function isIncluded(
  crypto: Crypto,
  checkpoint: Checkpoint,
  { position, proof }: LogProof,
  statement: Uint8Array,
): boolean {
  return verifyInclusion(crypto, {
    leaf: leafHash(crypto, statement),
    leafIndex: position,
    treeSize: checkpoint.size,
    root: checkpoint.root,
    proof,
  });
}

function positionsOf(keys: ReadonlyMap<string, BundleKey>): ReadonlyMap<string, number> {
  const entered = [...keys].flatMap(([keyId, { entry }]) =>
    entry === undefined ? [] : [[keyId, entry.position] as const],
  );
  return new Map(entered);
}
