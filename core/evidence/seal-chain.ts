import type { Crypto } from '../ports/crypto.ts';
import { attempt } from './attempt.ts';
import type { Bundle, BundleKey } from './bundle.ts';
import { hexOf } from './bytes.ts';
import type { OpenedEnvelope } from './envelope.ts';
import { openEnvelope, preAuthEncoding } from './envelope.ts';
import type { Seal } from './seal.ts';
import { parseSeal, sealDigest } from './seal.ts';

/** A seal of a bundle as read. */
export interface LinkedSeal extends Seal {
  /** Of the key that signed it. */
  readonly keyId: string;
  /** What was signed. */
  readonly statement: Uint8Array;
}

/** The seals of a bundle as read, up to the first that is not as it must be. */
export interface SealChain {
  /** The keys of the bundle by their ids, in its order. */
  readonly keys: ReadonlyMap<string, BundleKey>;
  readonly seals: readonly LinkedSeal[];
  /** Why a signature is not one by a key of the bundle. */
  readonly forgery?: string;
  /** Why the seals do not follow each other. */
  readonly problem?: string;
}

/** Reads the seals and verifies each signature and each link. Never throws. */
export function readSealChain(crypto: Crypto, bundle: Bundle): SealChain {
  const keys = new Map(bundle.keys.map((key) => [hexOf(crypto.sha256(key.publicKey)), key]));
  const seals: LinkedSeal[] = [];
  let previousDigest: string | undefined;
  for (const [index, envelope] of bundle.seals.entries()) {
    const opened = attempt(() => openEnvelope(envelope));
    if (typeof opened === 'string') return { keys, seals, forgery: `seal ${index}: ${opened}` };
    const forgery = forgeryOf(crypto, keys.get(opened.keyId), opened);
    if (forgery !== undefined) return { keys, seals, forgery: `seal ${index}: ${forgery}` };
    const seal = attempt(() => parseSeal(opened.statement));
    if (typeof seal === 'string') return { keys, seals, problem: `seal ${index}: ${seal}` };
    const problem = linkProblem(seal, seals, previousDigest);
    if (problem !== undefined) return { keys, seals, problem: `seal ${index}: ${problem}` };
    seals.push({ ...seal, keyId: opened.keyId, statement: opened.statement });
    previousDigest = sealDigest(crypto, opened.statement);
  }
  return { keys, seals };
}

function forgeryOf(
  crypto: Crypto,
  key: BundleKey | undefined,
  { statement, signature }: OpenedEnvelope,
): string | undefined {
  if (key === undefined) return 'names another key than the bundle holds';
  const message = preAuthEncoding(statement);
  if (crypto.verifyP256(key.publicKey, message, signature)) return undefined;
  return 'the signature is not valid';
}

function linkProblem(
  seal: Seal,
  earlier: readonly Seal[],
  previousDigest: string | undefined,
): string | undefined {
  const previous = earlier.at(-1);
  if (seal.previousSeal !== previousDigest) return 'does not name the seal before it';
  if (previous === undefined) return undefined;
  if (seal.treeSize <= previous.treeSize) return 'covers no more records than the seal before it';
  if (!previous.final) return undefined;
  // Only a stuck transaction goes on: a person resolves it, and it is sealed once more.
  const isFirst = earlier.at(-2)?.final !== true;
  if (isFirst && previous.status === 'stuck' && seal.status === 'stuck') return undefined;
  return `follows the final seal \`${previous.status}\``;
}
