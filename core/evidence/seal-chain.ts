import { EvidenceError } from '../errors.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { Bundle } from './bundle.ts';
import { hexOf } from './bytes.ts';
import type { OpenedEnvelope } from './envelope.ts';
import { openEnvelope, preAuthEncoding } from './envelope.ts';
import type { Seal } from './seal.ts';
import { parseSeal, sealDigest } from './seal.ts';

/** The seals of a bundle as read, up to the first that is not as it must be. */
export interface SealChain {
  /** SHA-256 of the bundle's public key, hex. */
  readonly keyId: string;
  readonly seals: readonly Seal[];
  /** Why a signature is not one by the bundle's key. */
  readonly forgery?: string;
  /** Why the seals do not follow each other. */
  readonly problem?: string;
}

/** Reads the seals and verifies each signature and each link. Never throws. */
export function readSealChain(crypto: Crypto, bundle: Bundle): SealChain {
  const keyId = hexOf(crypto.sha256(bundle.publicKey));
  const seals: Seal[] = [];
  let previousDigest: string | undefined;
  for (const [index, envelope] of bundle.seals.entries()) {
    const opened = attempt(() => openEnvelope(envelope));
    if (typeof opened === 'string') return { keyId, seals, forgery: `seal ${index}: ${opened}` };
    const forgery = forgeryOf(crypto, bundle.publicKey, keyId, opened);
    if (forgery !== undefined) return { keyId, seals, forgery: `seal ${index}: ${forgery}` };
    const seal = attempt(() => parseSeal(opened.statement));
    if (typeof seal === 'string') return { keyId, seals, problem: `seal ${index}: ${seal}` };
    const problem = linkProblem(seal, seals.at(-1), previousDigest);
    if (problem !== undefined) return { keyId, seals, problem: `seal ${index}: ${problem}` };
    seals.push(seal);
    previousDigest = sealDigest(crypto, opened.statement);
  }
  return { keyId, seals };
}

function forgeryOf(
  crypto: Crypto,
  publicKey: Uint8Array,
  keyId: string,
  opened: OpenedEnvelope,
): string | undefined {
  if (opened.keyId !== keyId) return 'names another key than the bundle holds';
  const message = preAuthEncoding(opened.statement);
  if (crypto.verifyP256(publicKey, message, opened.signature)) return undefined;
  return 'the signature is not valid';
}

function linkProblem(
  seal: Seal,
  previous: Seal | undefined,
  previousDigest: string | undefined,
): string | undefined {
  if (seal.previousSeal !== previousDigest) return 'does not name the seal before it';
  if (previous === undefined) return undefined;
  if (seal.treeSize <= previous.treeSize) return 'covers no more records than the seal before it';
  if (!previous.final) return undefined;
  // Only a stuck transaction goes on: a person resolves it, and it is sealed once more.
  if (previous.status === 'stuck' && seal.status === 'stuck') return undefined;
  return `follows the final seal \`${previous.status}\``;
}

function attempt<Value>(read: () => Value): Value | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof EvidenceError) return error.message;
    throw error;
  }
}
