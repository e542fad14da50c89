import { createPublicKey, hash, verify } from 'node:crypto';
import type { Crypto } from '../ports/crypto.ts';
import { isP256PublicKey, isStrictSignature } from './p256.ts';

/** The `Crypto` port on node:crypto: an entry of its own, for evidence itself runs anywhere. */
export const nodeCrypto: Crypto = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  verifyP256(publicKeySpkiDer, message, signatureDer) {
    if (!isP256PublicKey(publicKeySpkiDer) || !isStrictSignature(signatureDer)) return false;
    try {
      const key = createPublicKey({
        key: Buffer.from(publicKeySpkiDer),
        format: 'der',
        type: 'spki',
      });
      return verify('sha256', message, key, signatureDer);
    } catch {
      // A point that is not on the curve: doubt is no.
      return false;
    }
  },
};
