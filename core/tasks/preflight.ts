import {
  CancelledError,
  ConflictError,
  ExpiredError,
  InterlockError,
  StaleStateError,
  TransientError,
} from '../errors.ts';
import { epochOver } from '../store-refusals.ts';
import type { SagaState } from '../transaction.ts';
import { approvalFor, approvalOver, driftedFrom } from './approved-run.ts';
import { denialOf } from './authorize.ts';
import { commit, type RecordDraft, stateOf, type TaskContext, task } from './context.ts';
import { finish } from './finish.ts';
import { locateSteps } from './locate.ts';
import { type Prediction, predictSteps } from './predict.ts';
import { preflightedRecords, unfinishedRecords } from './preflight-records.ts';
import { resourcesOf } from './step.ts';
import { isFreeze, obstacle, reasonOf } from './stop.ts';

/**
 * Decides everything before anything happens: locates, reads, chains the predictions, asks the
 * decision point for every step, then takes all locks in one write. What is denied here is
 * rejected, what needs an approval waits for it, both without any effect and without locks. What
 * was approved is looked at again, and rejected unless all is as it was approved.
 */
export const preflight = task(async (context, state) => {
  const { transaction } = context;
  const { cursor, status } = transaction;
  if (cursor.phase === 'seal' || cursor.phase === 'ended' || cursor.phase === 'compensate')
    return stateOf(transaction);
  if (cursor.phase === 'authorize' && cursor.stepIndex === 0) return stateOf(transaction);
  if (cursor.phase !== 'preflight' || state.stepIndex !== 0)
    throw new StaleStateError(`\`${transaction.id}\` is past preflight`);
  if (status === 'parked') return toSeal(transaction);
  const against = await obstacleOfAny(context);
  if (status === 'awaiting-approval' && !endsWaiting(against)) return toSeal(transaction);
  if (isFreeze(against)) return park(context);
  const refusal = against ?? approvalOver(context, context.ports.clock.now());
  if (refusal !== undefined) return reject(context, refusal);
  try {
    return await decideAll(context);
  } catch (error) {
    if (!isAboutThePlan(error)) throw error;
    const now = await fresh(context);
    // An outcome that was written but not made durable is an outcome: there is no second one.
    if (now.transaction.cursor.phase !== 'preflight') throw error;
    return reject(now, error);
  }
});

/** The obstacle of the whole plan, or of any of its actions. */
async function obstacleOfAny(context: TaskContext): Promise<InterlockError | undefined> {
  for (const action of new Set(context.transaction.plan.steps.map((step) => step.action))) {
    const against = await obstacle(context, action);
    if (against !== undefined) return against;
  }
  return undefined;
}

async function decideAll(context: TaskContext): Promise<SagaState> {
  const located = await locateSteps(context);
  const predictions = await predictSteps(located);
  const records = preflightedRecords(predictions);
  const denial = predictions.map((one) => denialOf(one.answer)).find((one) => one !== undefined);
  const isWaiting = predictions.every(({ answer }) => answer.answer !== 'deny');
  const now = located.ports.clock.now();
  // What took long may have outlived its approval.
  const over = driftedFrom(located, predictions) ?? approvalOver(located, now);
  if (over !== undefined)
    return finish(located, { status: 'rejected', reason: reasonOf(over, 0), records });
  if (denial !== undefined && isWaiting && located.transaction.approval === undefined)
    return wait(located, predictions, records);
  if (denial !== undefined) {
    const worst = isWaiting ? 'awaiting-approval' : 'deny';
    const stepIndex = predictions.findIndex(({ answer }) => answer.answer === worst);
    const error = denialOf((predictions[stepIndex] as Prediction).answer) ?? denial;
    return finish(located, { status: 'rejected', reason: reasonOf(error, stepIndex), records });
  }
  const prepared = predictions.map((one) => one.prepared);
  const cursor = { stepIndex: 0, phase: 'authorize', attempt: 1 } as const;
  const update = { cursor, status: 'running', prepared } as const;
  const writes = [{ write: 'lock', resources: resourcesOf(prepared) }] as const;
  try {
    return stateOf((await commit(located, { now, update, records, writes })).transaction);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const reason = { ...reasonOf(error, 0), holder: error.holder };
    return finish(located, { status: 'rejected', reason, records });
  }
}

/** Only a cancelled or expired plan stops waiting for its approval. */
function endsWaiting(against: InterlockError | undefined): boolean {
  return against instanceof CancelledError || against instanceof ExpiredError;
}

/** What is wrong with the plan ends it; what is wrong with the way there is for the state machine. */
export function isAboutThePlan(error: unknown): error is InterlockError {
  return (
    error instanceof InterlockError &&
    !(error instanceof TransientError) &&
    !(error instanceof StaleStateError)
  );
}

function reject(context: TaskContext, error: InterlockError): Promise<SagaState> {
  const reason = reasonOf(error, context.transaction.cursor.stepIndex);
  const [last, ...earlier] = [...unfinishedRecords(context.observing.take())].reverse();
  context.observing.giveBack(last?.observations ?? []);
  return finish(context, { status: 'rejected', reason, records: earlier.reverse() });
}

async function park(context: TaskContext): Promise<SagaState> {
  const { cursor } = context.transaction;
  const records = [{ kind: 'parked', data: {} }];
  const parked = await commit(context, { update: { cursor, status: 'parked' }, records });
  return toSeal(parked.transaction);
}

/** Keeps the dry run, so that a person can look at what there is to approve. */
async function wait(
  context: TaskContext,
  predictions: readonly Prediction[],
  records: readonly RecordDraft[],
): Promise<SagaState> {
  const { cursor } = context.transaction;
  const prepared = predictions.map((one) => one.prepared);
  const approval = approvalFor(context, predictions);
  const update = { cursor, status: 'awaiting-approval', prepared, approval } as const;
  const waiting = await commit(context, { update, records });
  return toSeal(waiting.transaction);
}

function toSeal(transaction: TaskContext['transaction']): SagaState {
  return { ...stateOf(transaction), next: 'seal' };
}

/** The row as a failed commit left it. */
async function fresh(context: TaskContext): Promise<TaskContext> {
  const { ports, transaction } = context;
  const now = await ports.store.load(transaction.id);
  if (now === undefined || now.epoch !== transaction.epoch)
    throw epochOver(transaction.id, transaction.epoch);
  return { ...context, transaction: now };
}
