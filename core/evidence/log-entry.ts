import { EvidenceError } from '../errors.ts';
import { base64Of, bytesOfBase64 } from './base64.ts';
import { parseStrict, strictBytes } from './canonical.ts';
import { isP256PublicKey } from './p256.ts';
import { TIMESTAMP_PATTERN } from './record.ts';
import { STATEMENT_BYTES_MAX, STATEMENT_TYPE } from './seal.ts';
import type { Field } from './shape.ts';
import { isDigest, isShaped, isText, isTextOf } from './shape.ts';

/** Names the predicate of a key's entry; an identifier, not an address. */
export const KEY_PREDICATE_TYPE = 'https://interlock.dev/evidence/key/v1';
export const KEY_VERSION = 1;

/** What the log says of a key: seals by it may follow. */
export interface KeyEntry {
  /** SHA-256 of the public key, hex. */
  readonly keyId: string;
  /** SPKI, DER, of P-256. */
  readonly publicKey: Uint8Array;
  /** When the log took it in, RFC 3339 in UTC with milliseconds. */
  readonly at: string;
  /** The key that was the newest before it; absent on the first of a log. */
  readonly replaces?: string;
}

/** Canonical bytes of the in-toto Statement that enters a key into the log. Throws `EvidenceError`
 * (`key-malformed`) for an entry that `parseKeyStatement` would refuse. */
export function keyStatement({ keyId, publicKey, at, replaces }: KeyEntry): Uint8Array {
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: subjectOf(keyId), digest: { sha256: keyId } }],
    predicateType: KEY_PREDICATE_TYPE,
    predicate: {
      ...{ v: KEY_VERSION, keyId, publicKey: base64Of(publicKey), at },
      ...(replaces === undefined ? {} : { replaces }),
    },
  };
  requireKey(isKeyStatement(statement));
  requireKey(isP256PublicKey(publicKey));
  return strictBytes(statement);
}

/**
 * The key of a statement's bytes; strict. That `keyId` is the digest of `publicKey` is for the
 * caller to see, who has a hash. Throws `EvidenceError`: `key-version`, `key-malformed`, and what
 * `parseStrict` throws.
 */
export function parseKeyStatement(statement: Uint8Array): KeyEntry {
  requireKey(statement.length <= STATEMENT_BYTES_MAX);
  const value = parseStrict(statement);
  const version = (value as { predicate?: { v?: unknown } }).predicate?.v;
  if (Number.isSafeInteger(version) && version !== KEY_VERSION) {
    throw new EvidenceError('key-version', `key version \`${version}\` is unknown`);
  }
  requireKey(isKeyStatement(value));
  const { keyId, publicKey, at, replaces } = value.predicate;
  const bytes = bytesOfBase64(publicKey);
  requireKey(isP256PublicKey(bytes));
  return { keyId, publicKey: bytes, at, ...(replaces === undefined ? {} : { replaces }) };
}

interface KeyStatement {
  readonly subject: readonly [{ readonly name: string; readonly digest: { sha256: string } }];
  readonly predicate: {
    readonly keyId: string;
    readonly publicKey: string;
    readonly at: string;
    readonly replaces?: string;
  };
}

function isKeyStatement(value: unknown): value is KeyStatement {
  if (!isShaped(value, STATEMENT)) return false;
  const { subject, predicate } = value as KeyStatement;
  const [{ name, digest }] = subject;
  const isOfKey = name === subjectOf(predicate.keyId) && digest.sha256 === predicate.keyId;
  return isOfKey && predicate.replaces !== predicate.keyId;
}

const DIGEST: readonly Field[] = [{ name: 'sha256', isValid: isDigest }];

const SUBJECT: readonly Field[] = [
  { name: 'name', isValid: isText },
  { name: 'digest', isValid: (value) => isShaped(value, DIGEST) },
];

const PREDICATE: readonly Field[] = [
  { name: 'v', isValid: (value) => value === KEY_VERSION },
  { name: 'keyId', isValid: isDigest },
  { name: 'publicKey', isValid: isText },
  { name: 'at', isValid: isTextOf(TIMESTAMP_PATTERN) },
  { name: 'replaces', isOptional: true, isValid: isDigest },
];

const STATEMENT: readonly Field[] = [
  { name: '_type', isValid: (value) => value === STATEMENT_TYPE },
  { name: 'subject', isValid: isSubject },
  { name: 'predicateType', isValid: (value) => value === KEY_PREDICATE_TYPE },
  { name: 'predicate', isValid: (value) => isShaped(value, PREDICATE) },
];

function isSubject(value: unknown): boolean {
  return Array.isArray(value) && value.length === 1 && isShaped(value[0], SUBJECT);
}

function subjectOf(keyId: string): string {
  return `key:${keyId}`;
}

function requireKey(isKey: boolean): asserts isKey {
  if (!isKey) throw new EvidenceError('key-malformed', 'not a key statement');
}
