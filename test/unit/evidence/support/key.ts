import { generateKeyPairSync, sign } from 'node:crypto';
import { bytesOfHex, hexOf } from '../../../../core/evidence/bytes.ts';
import type { Envelope } from '../../../../core/evidence/index.ts';
import { preAuthEncoding, sealEnvelope } from '../../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../../core/evidence/node-crypto.ts';

/** A P-256 key of one test run. */
export interface TestKey {
  readonly spki: Uint8Array;
  readonly keyId: string;
  /** DER. */
  sign(message: Uint8Array): Uint8Array;
  seal(statement: Uint8Array): Envelope;
}

/** Makes a new key. */
export function makeKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const keyId = hexOf(nodeCrypto.sha256(spki));
  const signed = (message: Uint8Array): Uint8Array =>
    new Uint8Array(sign('sha256', message, privateKey));
  return {
    spki,
    keyId,
    sign: signed,
    seal: (statement) =>
      sealEnvelope({ statement, keyId, signature: signed(preAuthEncoding(statement)) }),
  };
}

/** The order of P-256. FIPS 186-4, D.1.2.3. */
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

/** The other signature of the same key over the same message: (r, n - s), DER. */
export function malleate(signature: Uint8Array): Uint8Array {
  const rLength = signature[3] ?? 0;
  const r = signature.slice(4, 4 + rLength);
  const s = BigInt(`0x${hexOf(signature.slice(6 + rLength))}`);
  const other = bytesOfHex(`00${(ORDER - s).toString(16).padStart(64, '0')}`);
  const isHigh = (other[1] ?? 0) >= 0x80;
  let start = isHigh ? 0 : 1;
  while (!isHigh && other[start] === 0 && (other[start + 1] ?? 0) < 0x80) start++;
  const minimal = other.slice(start);
  return Uint8Array.from([
    0x30,
    4 + r.length + minimal.length,
    0x02,
    r.length,
    ...r,
    0x02,
    minimal.length,
    ...minimal,
  ]);
}
