import { EvidenceError } from '../errors.ts';
import { bytesOfBase64 } from './base64.ts';
import type { Bundle, BundleKey, BundleLog, LogProof } from './bundle.ts';
import type { Envelope } from './envelope.ts';
import { openEnvelope } from './envelope.ts';
import { STREAM_ID_PATTERN } from './record.ts';
import type { Field } from './shape.ts';
import {
  isCount,
  isDigest,
  isListOf,
  isObject,
  isShaped,
  isText,
  isTextOf,
  misshapenField,
} from './shape.ts';

const HASH_BYTES = 32;

/** The bundle of a parsed file. Throws `EvidenceError`: `bundle-malformed`, `not-base64`, and what
 * `openEnvelope` throws. */
export function readBundleValue(value: unknown, version: number): Bundle {
  const place = misshapenField(value, [
    { name: 'v', isValid: (found) => found === version },
    ...BUNDLE,
  ]);
  if (place !== undefined) throw malformed(`\`${place}\` is missing, unknown or not valid`);
  const { streamId, records, seals, keys, log, contents } = value as BundleValue;
  for (const seal of seals) openEnvelope(seal);
  if (log === undefined && keys.some(({ entry }) => entry !== undefined)) {
    throw malformed('a key has an entry in no log');
  }
  if (log !== undefined && log.seals.length > seals.length) {
    throw malformed('the log holds more seals than there are');
  }
  return {
    streamId,
    records: records.map(bytesOfBase64),
    seals: seals as readonly Envelope[],
    keys: keys.map(readKey),
    ...(log === undefined ? {} : { log: readLog(log) }),
    contents: Object.fromEntries(
      Object.entries(contents).map(([digest, text]) => [digest, bytesOfBase64(text)]),
    ),
  };
}

interface ProofValue {
  readonly position: number;
  readonly proof: readonly string[];
}

interface KeyValue {
  readonly publicKey: string;
  readonly entry?: ProofValue & { readonly statement: string };
}

interface LogValue {
  readonly publicKey: string;
  readonly checkpoint: string;
  readonly seals: readonly ProofValue[];
  readonly consistency?: { readonly size: number; readonly proof: readonly string[] };
}

interface BundleValue {
  readonly streamId: string;
  readonly records: readonly string[];
  readonly seals: readonly unknown[];
  readonly keys: readonly KeyValue[];
  readonly log?: LogValue;
  readonly contents: Readonly<Record<string, string>>;
}

const PROOF: readonly Field[] = [
  { name: 'position', isValid: isCount },
  { name: 'proof', isValid: isTexts },
];

const ENTRY: readonly Field[] = [...PROOF, { name: 'statement', isValid: isText }];

const KEY: readonly Field[] = [
  { name: 'publicKey', isValid: isText },
  { name: 'entry', isOptional: true, isValid: (value) => isShaped(value, ENTRY) },
];

const CONSISTENCY: readonly Field[] = [
  { name: 'size', isValid: (value) => isCount(value) && value > 0 },
  { name: 'proof', isValid: isTexts },
];

const LOG: readonly Field[] = [
  { name: 'publicKey', isValid: isText },
  { name: 'checkpoint', isValid: isText },
  { name: 'seals', isValid: (value) => isListOf(value, (one) => isShaped(one, PROOF)) },
  { name: 'consistency', isOptional: true, isValid: (value) => isShaped(value, CONSISTENCY) },
];

const BUNDLE: readonly Field[] = [
  { name: 'streamId', isValid: isTextOf(STREAM_ID_PATTERN) },
  { name: 'records', isValid: isTexts },
  { name: 'seals', isValid: Array.isArray },
  { name: 'keys', isValid: (value) => isListOf(value, (one) => isShaped(one, KEY)) },
  { name: 'log', isOptional: true, isValid: (value) => isShaped(value, LOG) },
  { name: 'contents', isValid: isContents },
];

function isTexts(value: unknown): boolean {
  return isListOf(value, isText);
}

function isContents(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value).every(([digest, text]) => isDigest(digest) && isText(text));
}

function readKey({ publicKey, entry }: KeyValue): BundleKey {
  const key = { publicKey: bytesOfBase64(publicKey) };
  if (entry === undefined) return key;
  return { ...key, entry: { ...readProof(entry), statement: bytesOfBase64(entry.statement) } };
}

function readLog({ publicKey, checkpoint, seals, consistency }: LogValue): BundleLog {
  const log = { publicKey: bytesOfBase64(publicKey), checkpoint, seals: seals.map(readProof) };
  if (consistency === undefined) return log;
  const { size, proof } = consistency;
  return { ...log, consistency: { size, proof: proof.map(readHash) } };
}

function readProof({ position, proof }: ProofValue): LogProof {
  return { position, proof: proof.map(readHash) };
}

function readHash(text: string): Uint8Array {
  const hash = bytesOfBase64(text);
  if (hash.length !== HASH_BYTES) throw malformed('a proof holds what is no SHA-256');
  return hash;
}

function malformed(problem: string): EvidenceError {
  return new EvidenceError('bundle-malformed', `not an evidence bundle: ${problem}`);
}
