import type { Json, JsonObject } from '../json.ts';

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
