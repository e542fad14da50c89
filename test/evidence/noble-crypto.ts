import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { isP256PublicKey, isStrictSignature } from '../../core/evidence/index.ts';
import type { Crypto } from '../../core/ports/crypto.ts';

const POINT_BYTES = 65;

/** The `Crypto` port in JavaScript alone, as a page in a browser would bring it. */
export const nobleCrypto: Crypto = {
  sha256,
  verifyP256(publicKeySpkiDer, message, signatureDer) {
    if (!isP256PublicKey(publicKeySpkiDer) || !isStrictSignature(signatureDer)) return false;
    const point = publicKeySpkiDer.subarray(-POINT_BYTES);
    try {
      // As FIPS 186 has it: both of the twins (r, s) and (r, n - s) are signatures.
      return p256.verify(signatureDer, message, point, { format: 'der', lowS: false });
    } catch {
      // A point that is not on the curve: doubt is no.
      return false;
    }
  },
};
