import { EvidenceError } from '../errors.ts';
import { bytesOfText, textOfBytes } from './bytes.ts';
import { isCanonicalSpelling } from './spelling.ts';

/** Nesting of evidence, at most. */
export const DEPTH_MAX = 64;

/**
 * RFC 8785 text of a value in evidence's own, smaller JSON: no null, no undefined, only integers
 * within 2^53, plain objects. One pass checks and writes; equal to `canonicalize` on that domain.
 * Throws `EvidenceError` (`record-not-canonical`).
 */
export function strictText(value: unknown): string {
  return textAt(value, 0);
}

/**
 * The JSON value of bytes that are exactly its canonical text (followed by `ending`). Throws
 * `EvidenceError`: `not-utf-8`, `not-json`, `record-not-canonical` (this also finds duplicate keys,
 * whitespace, key order and other spellings of a number or string).
 */
export function parseStrict(bytes: Uint8Array, ending: '' | '\n' = ''): unknown {
  const text = textOfBytes(bytes);
  const value = parseJson(text);
  if (ending === '' && isCanonicalSpelling(value, text, DEPTH_MAX)) return value;
  if (strictText(value) + ending !== text) throw notCanonical('bytes are not the RFC 8785 form');
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EvidenceError('not-json', 'bytes are not JSON', { cause });
  }
}

/** UTF-8 bytes of `strictText`. */
export function strictBytes(value: unknown): Uint8Array {
  return bytesOfText(strictText(value));
}

function textAt(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      if (!Number.isSafeInteger(value)) throw notCanonical('a number is no integer within 2^53');
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) throw notCanonical('null is not allowed, leave the member out');
      if (depth >= DEPTH_MAX) throw notCanonical(`nesting is deeper than ${DEPTH_MAX}`);
      return Array.isArray(value) ? arrayText(value, depth) : objectText(value, depth);
    default:
      throw notCanonical(`a value of type ${typeof value} has no JSON form`);
  }
}

function arrayText(values: readonly unknown[], depth: number): string {
  let text = '[';
  for (let index = 0; index < values.length; index++) {
    if (index > 0) text += ',';
    text += textAt(values[index], depth + 1);
  }
  return `${text}]`;
}

function objectText(value: object, depth: number): string {
  const prototype = Object.getPrototypeOf(value);
  // Asked this way since the plain object of another realm has a prototype of its own.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw notCanonical('an object is not plain');
  }
  const members = value as Readonly<Record<string, unknown>>;
  let text = '{';
  // RFC 8785, 3.2.3: UTF-16 code units, which is what sort compares.
  for (const key of Object.keys(members).sort()) {
    text += `${text === '{' ? '' : ','}${quoted(key)}:${textAt(members[key], depth + 1)}`;
  }
  return `${text}}`;
}

const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw notCanonical('a text holds a lone surrogate');
  return JSON.stringify(text);
}

function notCanonical(message: string): EvidenceError {
  return new EvidenceError('record-not-canonical', message);
}
