import { EvidenceError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { parseStrict, strictBytes } from './canonical.ts';
import type { Field } from './shape.ts';
import { isCount, isDigest, isObject, isText, isTextOf, misshapenField } from './shape.ts';

/** The kinds of record in the stream of a transaction (`tx:ID`). */
export const TRANSACTION_RECORD_KINDS = [
  'proposed',
  'located',
  'preflighted',
  'decided',
  'approved',
  'refused',
  'resumed',
  'claimed',
  'vended',
  'acknowledged',
  'verified',
  'parked',
  'unwinding',
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
  'key-rotated',
  'stream-closed',
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

const KINDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['tx', new Set<string>(TRANSACTION_RECORD_KINDS)],
  ['control', new Set<string>(CONTROL_RECORD_KINDS)],
]);

// Contents were walked when the canonical text was compared.
const RECORD: readonly Field[] = [
  { name: 'v', isValid: (value) => value === RECORD_VERSION },
  { name: 'streamId', isValid: isTextOf(STREAM_ID_PATTERN) },
  { name: 'seq', isValid: isCount },
  { name: 'kind', isValid: isTextOf(KIND_PATTERN) },
  { name: 'at', isValid: isTextOf(TIMESTAMP_PATTERN) },
  { name: 'epoch', isValid: isCount },
  { name: 'stepIndex', isOptional: true, isValid: isCount },
  { name: 'attempt', isOptional: true, isValid: isCount },
  { name: 'actor', isValid: isTextOf(ACTOR_PATTERN) },
  { name: 'data', isValid: isObject },
  { name: 'observations', isValid: Array.isArray },
];

const OBSERVATION: readonly Field[] = [
  { name: 'port', isValid: (value) => isText(value) && value !== '' && value.length <= 128 },
  { name: 'requestDigest', isValid: isDigest },
  { name: 'answer', isValid: () => true },
];

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
