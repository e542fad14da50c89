import { EvidenceError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { parseStrict, strictBytes } from './canonical.ts';

/** The kinds of record in the stream of a transaction (`tx:ID`). */
export const TRANSACTION_RECORD_KINDS = [
  'proposed',
  'located',
  'preflighted',
  'decided',
  'approved',
  'refused',
  'claimed',
  'vended',
  'acknowledged',
  'verified',
  'compensating',
  'compensated',
  'outcome',
  'resolved',
] as const;

/** The kinds of record in a control stream (`control:YYYY-MM-DD`). */
export const CONTROL_RECORD_KINDS = [
  'kill-switch',
  'refused',
  'policies-activated',
  'resolved',
  'token-created',
  'token-revoked',
  'retention-changed',
  'evidence-pruned',
] as const;

export const RECORD_VERSION = 1;
/** RFC 8785 bytes of one record, at most. */
export const RECORD_BYTES_MAX = 256 * 1024;

/** What a port answered while a task ran: with these, replay needs nothing else. */
export interface Observation {
  readonly port: string;
  /** SHA-256 of the RFC 8785 bytes of the request, hex. */
  readonly requestDigest: string;
  readonly answer: Json;
}

/** One fact of a stream. `at` is the host's clock, RFC 3339 in UTC with milliseconds. */
export interface EvidenceRecord {
  readonly v: typeof RECORD_VERSION;
  readonly streamId: string;
  readonly seq: number;
  readonly kind: string;
  readonly at: string;
  readonly epoch: number;
  readonly stepIndex?: number;
  readonly attempt?: number;
  /** Who acted: `agent:ID`, `operator:NAME` or `control-plane`. */
  readonly actor: string;
  readonly data: JsonObject;
  readonly observations: readonly Observation[];
}

/**
 * RFC 8785 bytes of a record: what is stored, hashed and exported. Throws `EvidenceError`:
 * `record-not-canonical` for floats, nulls and undefined, `record-too-large`.
 */
export function recordBytes(record: EvidenceRecord): Uint8Array {
  const bytes = strictBytes(record);
  if (bytes.length > RECORD_BYTES_MAX) throw tooLarge(bytes.length);
  return bytes;
}

/**
 * The record of stored bytes. Throws `EvidenceError`: `record-too-large`, `record-not-canonical`
 * unless the bytes are exactly the record's canonical form, `record-version`, `record-malformed`
 * for missing, unknown or misshapen fields.
 */
export function parseRecord(bytes: Uint8Array): EvidenceRecord {
  if (bytes.length > RECORD_BYTES_MAX) throw tooLarge(bytes.length);
  const value = parseStrict(bytes);
  const version = (value as { v?: unknown }).v;
  if (Number.isSafeInteger(version) && version !== RECORD_VERSION) {
    throw new EvidenceError('record-version', `record version \`${version}\` is unknown`);
  }
  const place = misshapenField(value, RECORD);
  if (place !== undefined) throw malformed(place);
  const record = value as EvidenceRecord;
  if (!isKindOfStream(record)) throw malformed('kind');
  for (const [index, observation] of record.observations.entries()) {
    const field = misshapenField(observation, OBSERVATION);
    if (field !== undefined) throw malformed(`observations.${index}.${field}`);
  }
  return record;
}

/** RFC 3339 in UTC with milliseconds. */
export const TIMESTAMP_PATTERN =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
/** What the id of a transaction's stream begins with. */
export const TRANSACTION_PREFIX = 'tx:';
/** `tx:ID`, `control:DATE`, `llm:ID`. */
export const STREAM_ID_PATTERN = /^(?:tx|control|llm):[A-Za-z0-9_.-]{1,128}$/;
const ACTOR_PATTERN = /^(?:agent:[A-Za-z0-9_.@-]{2,64}|operator:.{1,256}|control-plane)$/;
const KIND_PATTERN = /^[a-z][a-z-]{0,63}$/;
const DIGEST_PATTERN = /^[0-9a-f]{64}$/;

const KINDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['tx', new Set<string>(TRANSACTION_RECORD_KINDS)],
  ['control', new Set<string>(CONTROL_RECORD_KINDS)],
]);

interface Field {
  readonly name: string;
  readonly isOptional?: boolean;
  readonly isValid: (value: unknown) => boolean;
}

// Written by hand, for it runs on each record of every stream that is verified: a schema library
// takes several times as long. Contents were walked when the canonical text was compared.
const RECORD: readonly Field[] = [
  { name: 'v', isValid: (value) => value === RECORD_VERSION },
  { name: 'streamId', isValid: (value) => isText(value) && STREAM_ID_PATTERN.test(value) },
  { name: 'seq', isValid: isCount },
  { name: 'kind', isValid: (value) => isText(value) && KIND_PATTERN.test(value) },
  { name: 'at', isValid: (value) => isText(value) && TIMESTAMP_PATTERN.test(value) },
  { name: 'epoch', isValid: isCount },
  { name: 'stepIndex', isOptional: true, isValid: isCount },
  { name: 'attempt', isOptional: true, isValid: isCount },
  { name: 'actor', isValid: (value) => isText(value) && ACTOR_PATTERN.test(value) },
  { name: 'data', isValid: isObject },
  { name: 'observations', isValid: Array.isArray },
];

const OBSERVATION: readonly Field[] = [
  { name: 'port', isValid: (value) => isText(value) && value !== '' && value.length <= 128 },
  { name: 'requestDigest', isValid: (value) => isText(value) && DIGEST_PATTERN.test(value) },
  { name: 'answer', isValid: () => true },
];

/** The name of a field that is missing, unknown or not valid. */
function misshapenField(value: unknown, fields: readonly Field[]): string | undefined {
  if (!isObject(value)) return 'record';
  let count = 0;
  for (const { name, isOptional, isValid } of fields) {
    const field = value[name];
    if (field === undefined) {
      if (isOptional !== true) return name;
    } else {
      if (!isValid(field)) return name;
      count++;
    }
  }
  for (const _ in value) count--;
  if (count === 0) return undefined;
  return Object.keys(value).find((name) => !fields.some((field) => field.name === name));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isKindOfStream(record: EvidenceRecord): boolean {
  const kinds = KINDS.get(record.streamId.slice(0, record.streamId.indexOf(':')));
  return kinds === undefined || kinds.has(record.kind);
}

function malformed(place: string): EvidenceError {
  return new EvidenceError('record-malformed', `\`${place}\` is missing, unknown or not valid`);
}

function tooLarge(size: number): EvidenceError {
  return new EvidenceError(
    'record-too-large',
    `a record of ${size} bytes is above the bound of ${RECORD_BYTES_MAX}`,
  );
}
