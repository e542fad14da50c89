import { DeniedError, InterlockError, ReplayError } from '../errors.ts';
import { type EvidenceRecord, parseRecord, recordBytes } from '../evidence/record.ts';
import type { DecisionPoint } from '../ports/decision-point.ts';
import type { Reason, Status, Transaction } from '../transaction.ts';
import { counterfactualPorts, type Turn } from './counterfactual-ports.ts';
import { type Protocol, replayExecution, type Stage } from './execution.ts';
import { type MemoryStore, memoryStore } from './memory-store.ts';
import { openModel } from './model.ts';
import {
  divergenceOf,
  play,
  type Recorded,
  refuseAsRecorded,
  requireTransaction,
} from './replay.ts';
import { type ReplayParts, replayPorts } from './replay-ports.ts';
import { openScript } from './script.ts';
import { openSealing } from './sealing.ts';

/** How a transaction would have ended; `refused` is a proposal that is not accepted at all. */
export interface WouldBe {
  readonly status: Status | 'refused';
  readonly reason?: Reason;
  /** Steps that would be compensated, in that order, counted from 0. */
  readonly compensates: readonly number[];
  /** What it would write, records of before the turn included. */
  readonly records: readonly EvidenceRecord[];
}

/** What another policy set would have made of a transaction. */
export type Counterfactual =
  /** Every decision would have been the same. */
  | { readonly verdict: 'same'; readonly status: Status }
  | { readonly verdict: 'differs'; readonly turn: Turn; readonly would: WouldBe }
  /** It would have gone on to where nothing was seen; or it does not replay as it is. */
  | { readonly verdict: 'undetermined'; readonly turn?: Turn; readonly why: string };

/**
 * Runs a recorded transaction under another policy set, up to its end: on the records until a
 * decision would be another one, from there on what its steps have shown of the target. Reaches
 * nobody. Throws as `replay` does.
 */
export async function counterfactual(
  parts: ReplayParts,
  protocol: Protocol,
  { recorded, policies }: { readonly recorded: Recorded; readonly policies: DecisionPoint },
): Promise<Counterfactual> {
  const { stage, turn, written } = openStage(parts, protocol, { recorded, policies });
  try {
    await play(stage, () => undefined);
    const found = turn();
    if (found === undefined) return sameOrLost(stage);
    // What an operator's act has started goes on by itself.
    if (stage.store.row().status === 'proposed') await goOn(stage);
    return { verdict: 'differs', turn: found, would: wouldBe(stage.store.row(), written()) };
  } catch (error) {
    return ended(stage, turn(), error);
  }
}

function openStage(
  parts: ReplayParts,
  protocol: Protocol,
  { recorded, policies }: { readonly recorded: Recorded; readonly policies: DecisionPoint },
) {
  const records = requireTransaction(parts, recorded);
  const script = openScript(records, recorded.records);
  // Written here once nothing is compared any more.
  const unseen: EvidenceRecord[] = [];
  let hasLeft = (): boolean => false;
  const store: MemoryStore = memoryStore({
    judge() {
      if (!hasLeft()) refuseAsRecorded(script);
    },
    write(written) {
      if (hasLeft()) unseen.push(...written);
      else script.write(written);
    },
    written: (fromSeq) => [...script.written(0), ...unseen.map(recordBytes)].slice(fromSeq),
  });
  const model = openModel({
    records,
    row: () => store.row(),
    claims: () => store.claimsNow(),
    isInForce: () => hasLeft(),
  });
  const modelled = { ...parts, actions: model.actions(parts.actions) };
  const { ports, turn } = counterfactualPorts(replayPorts(modelled, script, store), policies, {
    ...{ script, store },
  });
  hasLeft = () => turn() !== undefined;
  const sealing = openSealing(recorded.seals);
  const stage: Stage = { protocol, ports, script, store, sealing, hasLeft };
  const written = () => [...script.written(0).map(parseRecord), ...unseen];
  return { stage, turn, written };
}

function sameOrLost({ store, script }: Stage): Counterfactual {
  const next = script.next();
  if (next === undefined) return { verdict: 'same', status: store.row().status };
  return { verdict: 'undetermined', why: `nothing writes record ${script.position()} again` };
}

async function goOn(stage: Stage): Promise<void> {
  stage.store.enter(stage.store.row().epoch + 1);
  await replayExecution(stage);
}

function ended(stage: Stage, turn: Turn | undefined, error: unknown): Counterfactual {
  // An act from outside that is denied changes nothing; neither does a proposal, which is none then.
  if (turn !== undefined && error instanceof DeniedError && turn.stepIndex === undefined)
    return { verdict: 'differs', turn, would: refusedAct(stage, turn, error) };
  if (!(error instanceof ReplayError || error instanceof InterlockError)) throw error;
  if (turn !== undefined) return { verdict: 'undetermined', turn, why: error.message };
  const { seq, message } = divergenceOf(stage.script, error);
  return { verdict: 'undetermined', why: `it does not replay: record ${seq} ${message}` };
}

function refusedAct(stage: Stage, { action }: Turn, { code, message }: DeniedError): WouldBe {
  if (action !== 'transaction:Propose') return wouldBe(stage.store.row(), []);
  const reason: Reason = { code: 'denied', detail: code, message };
  return { status: 'refused', reason, compensates: [], records: [] };
}

function wouldBe(row: Transaction, records: readonly EvidenceRecord[]): WouldBe {
  const { status, reason } = row;
  const compensates = records
    .filter(({ kind }) => kind === 'compensated')
    .map(({ stepIndex }) => stepIndex as number);
  return { status, ...(reason === undefined ? {} : { reason }), compensates, records };
}
