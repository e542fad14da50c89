import { EvidenceError } from '../errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const INVALID = 255;
const SEXTETS = new Uint8Array(256).fill(INVALID);
for (let value = 0; value < 64; value++) SEXTETS[ALPHABET.charCodeAt(value)] = value;

/** RFC 4648, 4: standard alphabet with padding. */
export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += ALPHABET.charAt(bits >> 18) + ALPHABET.charAt((bits >> 12) & 63);
    text += left > 1 ? ALPHABET.charAt((bits >> 6) & 63) : '=';
    text += left > 2 ? ALPHABET.charAt(bits & 63) : '=';
  }
  return text;
}

/**
 * The bytes of strict base64: RFC 4648, 3.5, padding present and its bits zero, so that one byte
 * string has one text. Throws `EvidenceError` (`not-base64`).
 */
export function bytesOfBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw notBase64();
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const sextets = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let bits = 0;
  let doubt = 0;
  let to = 0;
  for (let at = 0; at < sextets; at++) {
    const code = text.charCodeAt(at);
    const sextet = code < 256 ? (SEXTETS[code] ?? INVALID) : INVALID;
    doubt |= sextet;
    bits = (bits << 6) | sextet;
    if (at % 4 === 0) continue;
    bytes[to++] = bits >> (6 - 2 * (at % 4));
  }
  const spare = padding === 0 ? 0 : bits & (padding === 1 ? 3 : 15);
  if (doubt > 63 || spare !== 0) throw notBase64();
  return bytes;
}

function notBase64(): EvidenceError {
  return new EvidenceError('not-base64', 'text is not strict base64');
}
