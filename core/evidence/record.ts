import { z } from 'zod';
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
  const parsed = RECORD.safeParse(value);
  if (parsed.success) return value as EvidenceRecord;
  const issue = parsed.error.issues[0];
  const place = issue?.path.join('.') || 'record';
  throw new EvidenceError('record-malformed', `\`${place}\` is not valid: ${issue?.message}`);
}

/** RFC 3339 in UTC with milliseconds. */
export const TIMESTAMP_PATTERN =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
/** `tx:ID`, `control:DATE`, `llm:ID`. */
export const STREAM_ID_PATTERN = /^(?:tx|control|llm):[A-Za-z0-9_.-]{1,128}$/;
const ACTOR_PATTERN = /^(?:agent:[A-Za-z0-9_.@-]{2,64}|operator:.{1,256}|control-plane)$/;
const KIND_PATTERN = /^[a-z][a-z-]{0,63}$/;

const KINDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['tx', new Set<string>(TRANSACTION_RECORD_KINDS)],
  ['control', new Set<string>(CONTROL_RECORD_KINDS)],
]);

const count = z.int().min(0);
// Contents were walked when the canonical text was made; here only their outer shape is asked.
const object = z.custom<JsonObject>(
  (value) => typeof value === 'object' && !Array.isArray(value),
  'not an object',
);

const OBSERVATION = z.strictObject({
  port: z.string().min(1).max(128),
  requestDigest: z.string().regex(/^[0-9a-f]{64}$/),
  answer: z.custom<Json>((value) => value !== undefined, 'missing'),
});

const RECORD = z
  .strictObject({
    v: z.literal(RECORD_VERSION),
    streamId: z.string().regex(STREAM_ID_PATTERN),
    seq: count,
    kind: z.string().regex(KIND_PATTERN),
    at: z.string().regex(TIMESTAMP_PATTERN),
    epoch: count,
    stepIndex: count.exactOptional(),
    attempt: count.exactOptional(),
    actor: z.string().regex(ACTOR_PATTERN),
    data: object,
    observations: z.array(OBSERVATION),
  })
  .refine(isKindOfStream, { path: ['kind'], message: 'not a kind of this stream' });

function isKindOfStream(record: { readonly streamId: string; readonly kind: string }): boolean {
  const kinds = KINDS.get(record.streamId.slice(0, record.streamId.indexOf(':')));
  return kinds === undefined || kinds.has(record.kind);
}

function tooLarge(size: number): EvidenceError {
  return new EvidenceError(
    'record-too-large',
    `a record of ${size} bytes is above the bound of ${RECORD_BYTES_MAX}`,
  );
}
