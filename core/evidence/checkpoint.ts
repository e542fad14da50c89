import { EvidenceError } from '../errors.ts';
import type { Crypto } from '../ports/crypto.ts';
import { base64Of, bytesOfBase64 } from './base64.ts';
import { areEqual, bytesOfHex, bytesOfText, hexOf } from './bytes.ts';
import { isP256PublicKey, isStrictSignature } from './p256.ts';

/** Signature lines of a note, at most. C2SP signed-note demands that 16 are read. */
export const NOTE_SIGNATURES_MAX = 16;
/** UTF-16 units of a note, at most: 16 signatures of 5 kB each, as C2SP warns of, fit. */
export const NOTE_LENGTH_MAX = 128 * 1024;
/** What the origin of every log begins with. */
export const LOG_ORIGIN_PREFIX = 'interlock.dev/log/';

const ORIGIN_DIGITS = 16;
const KEY_ID_BYTES = 4;
const ROOT_BYTES = 32;

/** The state of a log that its key signs: C2SP tlog-checkpoint. */
export interface Checkpoint {
  readonly origin: string;
  /** Entries of the log. */
  readonly size: number;
  /** RFC 9162 root over the entries, 32 bytes. */
  readonly root: Uint8Array;
}

/** A signature of the log's key over `checkpointText`. */
export interface CheckpointSignature {
  /** SPKI, DER. */
  readonly publicKey: Uint8Array;
  /** SHA-256 of the public key, hex. */
  readonly keyId: string;
  /** Strict DER. */
  readonly signature: Uint8Array;
}

/** The origin of the log of a key, which is the key's name in notes too. */
export function logOrigin(keyId: string): string {
  return LOG_ORIGIN_PREFIX + keyId.slice(0, ORIGIN_DIGITS);
}

/** The note text that is signed: three lines, each ended. Throws `EvidenceError`
 * (`checkpoint-malformed`) for a checkpoint that could not be read back. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  const text = `${origin}\n${size}\n${base64Of(root)}\n`;
  parseText(text);
  return text;
}

/** The whole note. Throws `EvidenceError` (`checkpoint-malformed`) for what `openCheckpoint` would
 * refuse unseen; the signature itself is not verified. */
export function signedCheckpoint(checkpoint: Checkpoint, signed: CheckpointSignature): string {
  const { publicKey, keyId, signature } = signed;
  demandForm(isP256PublicKey(publicKey), 'the key is no P-256 key');
  demandForm(isStrictSignature(signature), 'the signature is not strict DER');
  demandForm(checkpoint.origin === logOrigin(keyId), 'the origin is not the one of the key');
  const line = Uint8Array.from([...bytesOfHex(keyId).subarray(0, KEY_ID_BYTES), ...signature]);
  return `${checkpointText(checkpoint)}\n\u2014 ${checkpoint.origin} ${base64Of(line)}\n`;
}

/**
 * The checkpoint of a note that the key has signed. Every line by this key must verify; lines by
 * others are ignored, as C2SP signed-note asks. Throws `EvidenceError`: `checkpoint-malformed`,
 * `checkpoint-signature`.
 */
export function openCheckpoint(crypto: Crypto, note: string, publicKey: Uint8Array): Checkpoint {
  const { text, lines } = splitNote(note);
  const checkpoint = parseText(text);
  const fingerprint = crypto.sha256(publicKey);
  const name = logOrigin(hexOf(fingerprint));
  const keyId = fingerprint.subarray(0, KEY_ID_BYTES);
  const own = lines.filter((line) => line.name === name && areEqual(line.keyId, keyId));
  const message = bytesOfText(text);
  const isSigned = own.every((line) => crypto.verifyP256(publicKey, message, line.signature));
  if (own.length === 0 || !isSigned) {
    const problem = isSigned ? 'has no signature of' : 'has a signature that is not by';
    throw new EvidenceError('checkpoint-signature', `the checkpoint ${problem} the log's key`);
  }
  demandForm(checkpoint.origin === name, 'the origin is not the one of the key');
  return checkpoint;
}

interface SignatureLine {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** C2SP signed-note: the last empty line separates the text from the signatures. */
function splitNote(note: string): { text: string; lines: readonly SignatureLine[] } {
  demandForm(note.length <= NOTE_LENGTH_MAX, 'the note is too long');
  demandForm(note.isWellFormed(), 'the note is not UTF-8');
  demandForm(!CONTROL.test(note), 'the note holds a control character');
  const end = note.lastIndexOf('\n\n');
  demandForm(end > 0 && note.endsWith('\n'), 'the note has no signature after an empty line');
  const signatures = note.slice(end + 2, -1).split('\n');
  demandForm(signatures.length <= NOTE_SIGNATURES_MAX, 'the note has too many signatures');
  return { text: note.slice(0, end + 1), lines: signatures.map(parseLine) };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a note must not hold.
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
/** Key names hold no Unicode space and no plus. */
const LINE = /^\u2014 ([^\p{White_Space}+]+) ([A-Za-z0-9+/]+={0,2})$/u;

function parseLine(line: string): SignatureLine {
  const [, name, base64] = LINE.exec(line) ?? [];
  demandForm(name !== undefined && base64 !== undefined, 'a signature line is not well formed');
  const bytes = decoded(base64, 'a signature is not base64');
  demandForm(bytes.length > KEY_ID_BYTES, 'a signature is empty');
  return { name, keyId: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
}

function parseText(text: string): Checkpoint {
  const [origin, size, base64, end, ...more] = text.split('\n');
  demandForm(origin !== undefined && ORIGIN.test(origin), 'the origin is not that of a log');
  demandForm(size !== undefined && /^(?:0|[1-9]\d{0,15})$/.test(size), 'the size is no number');
  demandForm(Number.isSafeInteger(Number(size)), 'the size is too large');
  demandForm(base64 !== undefined, 'the root is missing');
  const root = decoded(base64, 'the root is not base64');
  demandForm(root.length === ROOT_BYTES, 'the root is no SHA-256');
  demandForm(end === '' && more.length === 0, 'there are more lines than three');
  return { origin, size: Number(size), root };
}

const ORIGIN = new RegExp(
  `^${LOG_ORIGIN_PREFIX.replaceAll('.', '\\.')}[0-9a-f]{${ORIGIN_DIGITS}}$`,
);

function decoded(base64: string, problem: string): Uint8Array {
  try {
    return bytesOfBase64(base64);
  } catch (cause) {
    throw new EvidenceError('checkpoint-malformed', `not a checkpoint: ${problem}`, { cause });
  }
}

function demandForm(holds: boolean, problem: string): asserts holds {
  if (!holds) throw new EvidenceError('checkpoint-malformed', `not a checkpoint: ${problem}`);
}
