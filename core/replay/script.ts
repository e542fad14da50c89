import { ReplayError } from '../errors.ts';
import type { EvidenceRecord, Observation } from '../evidence/record.ts';
import type { Json } from '../json.ts';
import { isSameJson } from '../same-json.ts';
import { askedInVain, type Divergence, differenceOf } from './divergence.ts';

/** What a task is told otherwise than by a port: it stands first in the record that follows. */
export interface Inputs {
  readonly cancelled?: { readonly by: string; readonly at: number };
  readonly error?: { readonly Error: string; readonly Cause?: string };
}

/**
 * The records of a stream as the script of its replay: they hold the answers that tasks ask for,
 * and they are what tasks must write.
 */
export interface Script {
  /** How many records have been written anew. */
  position(): number;
  /** The record that must be written next. */
  next(): EvidenceRecord | undefined;
  /**
   * Begins an attempt: answers are read from the next record on, and only while records are of
   * this epoch. Without one, the attempt finds nothing recorded.
   */
  begin(epoch: number | undefined): Inputs;
  /** Takes the next answer, which must be to this question. Throws `ReplayError`. */
  ask(port: string, requestDigest: string): Json;
  /** As `ask`; a question that was answered in this attempt has the same answer again. */
  askAgain(port: string, requestDigest: string): Json;
  /** The next answer, if it is one of this port. */
  answerOf(port: string): Json | undefined;
  /** Compares what was written with the record. Throws `ReplayError`. */
  write(records: readonly EvidenceRecord[]): void;
  /** The stored bytes of what has been written anew. */
  written(fromSeq: number): readonly Uint8Array[];
  /** Why the last attempt could not go on. */
  divergence(): Divergence | undefined;
}

/** A script over records and their stored bytes. */
export function openScript(
  records: readonly EvidenceRecord[],
  bytes: readonly Uint8Array[],
): Script {
  let position = 0;
  // Where the next answer is: in a record that is not written yet.
  let place = { record: 0, observation: 0 };
  let known = new Map<string, Json>();
  let epochNow: number | undefined;
  // What makes a task go astray was told where it last read: maybe in a later record of its write.
  let lastRead = 0;
  const astray = (): number => Math.max(position, lastRead);
  let divergence: Divergence | undefined;

  const peek = (): Observation | undefined => {
    for (;;) {
      const record = records[place.record];
      if (record === undefined || record.epoch !== epochNow) return undefined;
      const found = record.observations[place.observation];
      if (found !== undefined) return found;
      place = { record: place.record + 1, observation: 0 };
    }
  };
  const take = (port: string, requestDigest: string): Json | undefined => {
    const found = peek();
    if (found?.port !== port || found.requestDigest !== requestDigest) return undefined;
    place = { ...place, observation: place.observation + 1 };
    lastRead = place.record;
    return found.answer;
  };
  const fail = (why: Divergence): never => {
    divergence = why;
    throw new ReplayError(why.message);
  };
  const missing = (port: string): never => fail(askedInVain(astray(), port, peek()?.port));
  return {
    position: () => position,
    next: () => records[position],
    begin(epoch) {
      epochNow = epoch;
      place = { record: position, observation: 0 };
      lastRead = position;
      known = new Map();
      divergence = undefined;
      const cancelled = takeInput<Inputs['cancelled']>('transaction.cancelled');
      const error = takeInput<Inputs['error']>('execution.error');
      return {
        ...(cancelled === undefined ? {} : { cancelled }),
        ...(error === undefined ? {} : { error }),
      };
    },
    ask: (port, requestDigest) => take(port, requestDigest) ?? missing(port),
    askAgain(port, requestDigest) {
      const key = `${port} ${requestDigest}`;
      const answer = take(port, requestDigest) ?? known.get(key) ?? missing(port);
      known.set(key, answer);
      return answer;
    },
    answerOf(port) {
      const found = peek();
      return found?.port === port ? take(port, found.requestDigest) : undefined;
    },
    write(written) {
      for (const [index, record] of written.entries()) {
        const expected = records[position + index];
        if (isSameJson(record, expected)) continue;
        const seq = record.kind === expected?.kind ? position + index : astray();
        fail(differenceOf(seq, record, expected));
      }
      position += written.length;
      place = { record: position, observation: 0 };
      known = new Map();
    },
    written: (fromSeq) => bytes.slice(fromSeq, position),
    divergence: () => divergence,
  };

  function takeInput<Value>(port: string): Value | undefined {
    const found = peek();
    return found?.port === port ? (take(port, found.requestDigest) as unknown as Value) : undefined;
  }
}
