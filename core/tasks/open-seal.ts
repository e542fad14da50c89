import { EvidenceError } from '../errors.ts';
import { hexOf } from '../evidence/bytes.ts';
import { openEnvelope, parseEnvelope, preAuthEncoding } from '../evidence/envelope.ts';
import { parseSeal, type Seal } from '../evidence/seal.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { StoredSeal } from '../ports/store.ts';

/** A stored seal whose signature holds. */
export interface OpenedSeal {
  readonly seal: Seal;
  /** The bytes that were signed. */
  readonly statement: Uint8Array;
  /** SHA-256 of the key that signed, hex. */
  readonly keyId: string;
}

/** Opens a stored seal and verifies it by the key that is stored with it. Throws `EvidenceError`:
 * `seal-forged`, and what parsing throws. */
export function openSeal(crypto: Crypto, stored: StoredSeal): OpenedSeal {
  const { statement, keyId, signature } = openEnvelope(parseEnvelope(stored.envelope));
  const place = `seal ${stored.treeSize} of \`${stored.streamId}\``;
  if (keyId !== hexOf(crypto.sha256(stored.publicKey)))
    throw new EvidenceError('seal-forged', `${place} names another key than it has`);
  if (!crypto.verifyP256(stored.publicKey, preAuthEncoding(statement), signature))
    throw new EvidenceError('seal-forged', `${place} has a signature that is not valid`);
  const seal = parseSeal(statement);
  if (seal.streamId !== stored.streamId || seal.treeSize !== stored.treeSize)
    throw new EvidenceError('seal-forged', `${place} stands where another belongs`);
  return { seal, statement, keyId };
}
