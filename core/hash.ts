import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { InvariantError } from './errors.ts';

/** RFC 8785 text of a JSON value. Throws `InvariantError` on what JCS cannot say. */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new InvariantError('value has no canonical form');
  return text;
}

/** SHA-256 of a text's UTF-8 bytes, lower-case hex. */
export function sha256Hex(text: string): string {
  return hash('sha256', text);
}

/** SHA-256 of the RFC 8785 bytes of a value, lower-case hex. */
export function digestOf(value: unknown): string {
  return sha256Hex(canonicalText(value));
}
