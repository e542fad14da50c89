import { CloudRefusedError, DriftError, EvidenceError, InterlockError } from '../errors.ts';
import { type EvidenceRecord, parseRecord } from '../evidence/record.ts';
import { stateAt } from '../history/history.ts';
import type { RecordedState } from '../history/recorded-state.ts';
import type { Json } from '../json.ts';
import type { Ports } from '../tasks/ports.ts';
import { repeatable, settledRead } from '../tasks/settled.ts';
import { footprintReader, type Observed, preparedStep } from '../tasks/step.ts';
import { streamOf, type Transaction } from '../transaction.ts';
import type { Touch } from './last-touches.ts';

/** What looking at a footprint needs; it changes nothing. */
export type LookPorts = Pick<Ports, 'store' | 'vault' | 'actions' | 'clock' | 'timing'>;

/** What a footprint was left as, and the record that says so. */
export interface Left extends Touch {
  readonly resource: string;
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Read back before the commit, or said by an operator. */
  readonly by: 'committed' | 'resolved';
  readonly state: Json;
  readonly digest: string;
}

/** What was found of a footprint. */
export type Sight =
  | { readonly found: 'same'; readonly left: Left }
  | { readonly found: 'changed'; readonly left: Left; readonly now: Observed }
  | { readonly found: 'deleted' | 'recreated'; readonly left: Left }
  /** Another transaction holds it: what is there now may be its doing. */
  | { readonly found: 'held'; readonly left: Left; readonly holder: string }
  | { readonly found: 'unreadable'; readonly touch: Touch; readonly error: InterlockError };

/**
 * Looks at a footprint under the read session of the step that left it. A difference counts when it
 * has settled and nobody holds the footprint; whatever could not be read is said, never taken for
 * the same.
 */
export async function look(ports: LookPorts, tell: Tell, touch: Touch): Promise<Sight> {
  try {
    return await lookAt(ports, tell, touch);
  } catch (error) {
    if (!(error instanceof InterlockError)) throw error;
    return { found: 'unreadable', touch, error };
  }
}

async function lookAt(ports: LookPorts, tell: Tell, touch: Touch): Promise<Sight> {
  const { transaction, left } = await leftBy(tell, touch);
  const view = preparedStep(ports, transaction, touch.stepIndex);
  const read = await footprintReader(ports, transaction, view);
  const first = await sightOf(left, () => repeatable(read));
  if (first.found === 'same') return first;
  const { resources } = view.prepared;
  const holder = await holderOf(ports, resources);
  if (holder !== undefined) return { found: 'held', left, holder };
  const settled = await sightOf(left, () => settledRead(ports, read));
  if (settled.found === 'same') return settled;
  const since = await holderOf(ports, resources);
  return since === undefined ? settled : { found: 'held', left, holder: since };
}

async function sightOf(left: Left, read: () => Promise<Observed>): Promise<Sight> {
  try {
    const now = await read();
    return now.digest === left.digest ? { found: 'same', left } : { found: 'changed', left, now };
  } catch (error) {
    if (error instanceof DriftError) return { found: 'recreated', left };
    if (error instanceof CloudRefusedError && error.code === ABSENT)
      return { found: 'deleted', left };
    throw error;
  }
}

/** The code of an API that says for sure that a target is not there. */
const ABSENT = 'NoSuchEntity';

async function holderOf(
  { store }: LookPorts,
  resources: readonly string[],
): Promise<string | undefined> {
  for (const resource of resources) {
    const holder = await store.lockHolder(resource);
    if (holder !== undefined) return holder;
  }
  return undefined;
}

/** What is known of a transaction that has ended. */
interface Told {
  readonly transaction: Transaction | undefined;
  readonly records: readonly EvidenceRecord[];
  readonly state: RecordedState;
}

/** Reads what is known of transactions; of one after the other, each once. */
export type Tell = (transactionId: string) => Promise<Told>;

export function teller(store: LookPorts['store']): Tell {
  let last: { readonly id: string; readonly told: Promise<Told> } | undefined;
  return (id) => {
    if (last?.id !== id) last = { id, told: readTold(store, id) };
    return last.told;
  };
}

async function readTold(store: LookPorts['store'], transactionId: string): Promise<Told> {
  const transaction = await store.load(transactionId);
  const records = (await store.records(streamOf(transactionId))).map(parseRecord);
  return { transaction, records, state: stateAt(records, records.length - 1) };
}

/** By the records, not by the row: what was read back is evidence. */
async function leftBy(
  tell: Tell,
  touch: Touch,
): Promise<{ readonly transaction: Transaction; readonly left: Left }> {
  const { transaction, records, state } = await tell(touch.transactionId);
  const step = state.steps[touch.stepIndex];
  const resolved = records.findLast(({ kind }) => kind === 'resolved');
  const { prepared, verified } = step ?? {};
  if (transaction === undefined || prepared === undefined) throw untold(touch);
  const place = { ...touch, resource: prepared.resources[0] ?? touch.footprint };
  if (resolved !== undefined) {
    const { predicted, predictedDigest: digest } = prepared;
    const said = { seq: resolved.seq, at: atOf(resolved), by: 'resolved', digest } as const;
    return { transaction, left: { ...place, ...said, state: predicted } };
  }
  if (verified === undefined) throw untold(touch);
  const at = atOf(records[verified.seq] as EvidenceRecord);
  return { transaction, left: { ...place, ...verified, at, by: 'committed' } };
}

function atOf({ at }: EvidenceRecord): number {
  return Date.parse(at);
}

function untold({ transactionId, stepIndex }: Touch): EvidenceError {
  return new EvidenceError(
    'evidence-inconsistent',
    `no record of \`${transactionId}\` says what step ${stepIndex} left`,
  );
}
