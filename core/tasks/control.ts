import type { InterlockError } from '../errors.ts';
import type { CONTROL_RECORD_KINDS, EvidenceRecord } from '../evidence/record.ts';
import type { JsonObject } from '../json.ts';
import type { ObservedPorts } from './observe.ts';

/** A record of a control stream; the store gives the `seq`. */
export type ControlRecord = Omit<EvidenceRecord, 'seq'>;

/** One fact about the control plane itself. */
export interface ControlFact {
  readonly kind: (typeof CONTROL_RECORD_KINDS)[number];
  readonly actor: string;
  readonly data: JsonObject;
}

/** The record of a fact in the stream of its day. */
export function controlRecord({ ports, take }: ObservedPorts, fact: ControlFact): ControlRecord {
  return { ...recordOfFact(fact, ports.clock.now()), observations: take() };
}

/** The record of a fact that rests on no answer of a port; `now` is epoch milliseconds. */
export function recordOfFact({ kind, actor, data }: ControlFact, now: number): ControlRecord {
  const at = new Date(now).toISOString();
  const streamId = `control:${at.slice(0, 10)}`;
  return { v: 1, streamId, kind, at, epoch: 0, actor, data, observations: [] };
}

/** The record of a call that policy or the kill switch refused. */
export function refusedRecord(
  observed: ObservedPorts,
  refusal: {
    readonly actor: string;
    readonly call: string;
    readonly subject: JsonObject;
    readonly error: InterlockError;
  },
): ControlRecord {
  const { actor, call, subject, error } = refusal;
  const data = { call, ...subject, code: error.code, message: error.message };
  return controlRecord(observed, { kind: 'refused', actor, data });
}
