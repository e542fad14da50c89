import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import type { Crypto } from '../ports/crypto.ts';
import { isP256PublicKey, isStrictSignature } from './p256.ts';

/** The `Crypto` port on node:crypto: an entry of its own, for evidence itself runs anywhere. */
export const nodeCrypto: Crypto = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  verifyP256(publicKeySpkiDer, message, signatureDer) {
    if (!isP256PublicKey(publicKeySpkiDer) || !isStrictSignature(signatureDer)) return false;
    try {
      return verify('sha256', message, keyOf(publicKeySpkiDer), signatureDer);
    } catch {
      // A point that is not on the curve: doubt is no.
      return false;
    }
  },
};

const KEYS_MAX = 16;
const keys = new Map<string, KeyObject>();

/** Whoever verifies many bundles meets the same few keys, and to read one takes half as long as to
 * verify with it. Throws for a key that is none. */
function keyOf(spkiDer: Uint8Array): KeyObject {
  const bytes = Buffer.from(spkiDer);
  const name = bytes.toString('latin1');
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: bytes, format: 'der', type: 'spki' });
  if (keys.size >= KEYS_MAX) keys.clear();
  keys.set(name, key);
  return key;
}
