import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { bytesOfHex, hexOf } from '../../../core/evidence/bytes.ts';
import { preAuthEncoding } from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { derOf } from './support/der.ts';
import { say } from './support/shared-vectors.ts';

interface Vector {
  readonly desc: string;
  readonly payloadType: string;
  readonly payload: string;
  readonly encoded: string;
  readonly publicKey?: string;
  /** r, then s. */
  readonly signature?: string;
}

const VECTORS: readonly Vector[] = JSON.parse(readFileSync('test/vectors/dsse.json', 'utf8'));

describe('our own vectors of DSSE', () => {
  it.each(VECTORS)('$desc', ({ payloadType, payload, encoded }) => {
    expect(hexOf(preAuthEncoding(bytesOfHex(payload), payloadType))).toBe(encoded);
  });

  it('have a signature that verifies over the encoding, and over nothing else', () => {
    const signed = VECTORS.filter((one) => one.signature !== undefined);
    for (const { publicKey = '', signature = '', encoded, payload } of signed) {
      const [key, der] = [bytesOfHex(publicKey), bytesOfHex(derOf(signature))];

      expect(nodeCrypto.verifyP256(key, bytesOfHex(encoded), der)).toBe(true);
      expect(nodeCrypto.verifyP256(key, bytesOfHex(payload), der)).toBe(false);
      expect(nodeCrypto.verifyP256(key, bytesOfHex(`${encoded}00`), der)).toBe(false);
    }
    say(`dsse vectors: ${VECTORS.length} ran, ${signed.length} with a signature`);

    expect(signed.length).toBe(1);
    expect(VECTORS.length).toBe(6);
  });
});
