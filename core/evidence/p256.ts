import { bytesOfHex } from './bytes.ts';

/** RFC 5480: SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING of an uncompressed point. */
const SPKI_PREFIX = bytesOfHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004');
const SPKI_BYTES = SPKI_PREFIX.length + 64;
const INTEGER_BYTES_MAX = 33;

/** True for the one DER form of an uncompressed P-256 key; says nothing of the curve equation. */
export function isP256PublicKey(spkiDer: Uint8Array): boolean {
  return (
    spkiDer.length === SPKI_BYTES && SPKI_PREFIX.every((byte, index) => spkiDer[index] === byte)
  );
}

/** True for exactly SEQUENCE { INTEGER r, INTEGER s } in DER: minimal, positive, nothing after. */
export function isStrictSignature(der: Uint8Array): boolean {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 2 * INTEGER_BYTES_MAX + 6) {
    return false;
  }
  const afterR = endOfInteger(der, 2);
  return afterR !== undefined && endOfInteger(der, afterR) === der.length;
}

function endOfInteger(der: Uint8Array, start: number): number | undefined {
  const length = der[start + 1];
  const end = start + 2 + (length ?? 0);
  if (der[start] !== 0x02 || length === undefined || end > der.length) return undefined;
  if (length === 0 || length > INTEGER_BYTES_MAX) return undefined;
  const first = der[start + 2] ?? 0;
  const second = der[start + 3] ?? 0;
  if (first >= 0x80) return undefined;
  // X.690, 8.3.2: a leading zero only where the sign bit would be set (zero itself aside).
  if (first === 0 && length > 1 && second < 0x80) return undefined;
  return end;
}
