import {
  ConflictError,
  DecisionError,
  HaltedError,
  InvariantError,
  StaleStateError,
} from '../errors.ts';
import type { EvidenceRecord, Observation } from '../evidence/record.ts';
import type { JsonObject } from '../json.ts';
import type { Change, Write } from '../ports/store.ts';
import { isDryRun, isFinal, type SagaState, streamOf, type Transaction } from '../transaction.ts';
import { errorJson, type Observing, observe } from './observe.ts';
import type { Ports } from './ports.ts';

/** One use case of the state machine: runs, commits, says what comes next. */
export type Task = (ports: Ports, state: SagaState) => Promise<SagaState>;

/** What a task works on: the row as it last saw it, and ports whose answers are kept. */
export interface TaskContext {
  readonly ports: Ports;
  readonly transaction: Transaction;
  readonly observing: Observing;
}

/** A record before the store's order and the clock are put to it. */
export interface RecordDraft {
  readonly kind: string;
  readonly data: JsonObject;
  readonly stepIndex?: number;
  readonly attempt?: number;
  readonly actor?: string;
  /** Taken by the task itself; what is left goes behind those of the last record that has some,
   * otherwise to the first record of the commit. */
  readonly observations?: readonly Observation[];
}

/** What one commit of a task changes. */
export interface Commit {
  readonly update: Change['update'];
  readonly records: readonly RecordDraft[];
  readonly writes?: readonly Write[];
  /** Epoch milliseconds that the task has read already, where its writes rest on the same. */
  readonly now?: number;
}

/**
 * Makes a task of a use case. When another delivery of the same task was faster, the task looks at
 * the store once more: it then either recognises what was done or is stale.
 */
export function task(run: (context: TaskContext, state: SagaState) => Promise<SagaState>): Task {
  return async (ports, state) => {
    try {
      return await run(await openContext(ports, state), state);
    } catch (error) {
      if (!(error instanceof StaleStateError)) throw error;
      return await run(await openContext(ports, state), state);
    }
  };
}

/**
 * Commits one change with its records in one atomic write. Throws what the store throws; why it
 * refused is seen, with all that the records would have held, by the record that follows.
 */
export async function commit(context: TaskContext, change: Commit): Promise<TaskContext> {
  const { ports, transaction, observing } = context;
  // INVARIANT: no change without evidence, or its records would not tell what happened.
  if (change.records.length === 0) throw new InvariantError('a change needs a record');
  const now = change.now ?? ports.clock.now();
  const rest = observing.take();
  const records = recordsOf(transaction, change.records, { now, rest });
  try {
    await ports.store.change({
      transactionId: transaction.id,
      expect: { epoch: transaction.epoch, cursor: transaction.cursor },
      update: change.update,
      records,
      writes: change.writes ?? [],
    });
  } catch (error) {
    observing.giveBack(rest);
    if (isRefusal(error)) observing.see('store.change', errorJson(error));
    throw error;
  }
  observing.recorded();
  const nextSeq = transaction.nextSeq + records.length;
  return { ...context, transaction: { ...transaction, ...change.update, nextSeq } };
}

/** What a store answers for good; any other error says that the change was not judged. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof ConflictError || error instanceof DecisionError || error instanceof HaltedError
  );
}

/** The state document of where the transaction stands. */
export function stateOf({ id, epoch, cursor, status }: Transaction): SagaState {
  const next = isFinal(status) ? 'seal' : cursor.phase;
  return { transactionId: id, epoch, stepIndex: cursor.stepIndex, next };
}

/** Loads the row; throws `StaleStateError` unless the state is of its current epoch. */
async function openContext(ports: Ports, state: SagaState): Promise<TaskContext> {
  const transaction = await ports.store.load(state.transactionId);
  // INVARIANT: no task works on a dry run, whoever calls it.
  if (transaction === undefined || isDryRun(transaction.id))
    throw new StaleStateError(`transaction \`${state.transactionId}\` does not exist`);
  if (transaction.epoch !== state.epoch)
    throw new StaleStateError(
      `epoch ${state.epoch} of \`${transaction.id}\` is over, ${transaction.epoch} is current`,
    );
  const { ports: observed, ...observing } = observe(ports);
  const { cancelled } = transaction;
  if (cancelled !== undefined) observing.see('transaction.cancelled', { ...cancelled });
  return { ports: observed, transaction, observing };
}

function recordsOf(
  transaction: Transaction,
  drafts: readonly RecordDraft[],
  { now, rest }: { readonly now: number; readonly rest: readonly Observation[] },
): readonly EvidenceRecord[] {
  const at = new Date(now).toISOString();
  // What was seen last stands last: behind what the drafts hold themselves.
  const holder = Math.max(
    0,
    drafts.findLastIndex((one) => one.observations !== undefined),
  );
  return drafts.map((draft, index) => ({
    v: 1,
    streamId: streamOf(transaction.id),
    seq: transaction.nextSeq + index,
    kind: draft.kind,
    at,
    epoch: transaction.epoch,
    ...(draft.stepIndex === undefined ? {} : { stepIndex: draft.stepIndex }),
    ...(draft.attempt === undefined ? {} : { attempt: draft.attempt }),
    actor: draft.actor ?? 'control-plane',
    data: draft.data,
    observations: [...(draft.observations ?? []), ...(index === holder ? rest : [])],
  }));
}
