import {
  CancelledError,
  ConflictError,
  ExpiredError,
  InterlockError,
  StaleStateError,
  TransientError,
} from '../errors.ts';
import type { SagaState } from '../transaction.ts';
import { denialOf } from './authorize.ts';
import { commit, stateOf, type TaskContext, task } from './context.ts';
import { finish } from './finish.ts';
import { locateSteps } from './locate.ts';
import { type Prediction, predictSteps } from './predict.ts';
import { preflightedRecords } from './preflight-records.ts';
import { resourcesOf } from './step.ts';
import { isFreeze, obstacle, reasonOf } from './stop.ts';

/**
 * Decides everything before anything happens: locates, reads, chains the predictions, asks the
 * decision point for every step, then takes all locks in one write. What is denied here is
 * rejected, what needs an approval waits for it, both without any effect and without locks.
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
  if (isFreeze(against)) return hold(context, 'parked');
  if (against !== undefined) return reject(context, against);
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
  if (denial !== undefined && isWaiting) return hold(located, 'awaiting-approval', records);
  if (denial !== undefined) {
    const stepIndex = predictions.findIndex(({ answer }) => answer.answer === 'deny');
    const error = denialOf((predictions[stepIndex] as Prediction).answer) ?? denial;
    return finish(located, { status: 'rejected', reason: reasonOf(error, stepIndex), records });
  }
  const prepared = predictions.map((one) => one.prepared);
  const done = await commit(located, {
    update: {
      cursor: { stepIndex: 0, phase: 'authorize', attempt: 1 },
      status: 'running',
      prepared,
    },
    records,
    writes: [{ write: 'lock', resources: resourcesOf(prepared) }],
  });
  return stateOf(done.transaction);
}

/** Only a cancelled or expired plan stops waiting for its approval. */
function endsWaiting(against: InterlockError | undefined): boolean {
  return against instanceof CancelledError || against instanceof ExpiredError;
}

/** What is wrong with the plan ends it; what is wrong with the way there is for the state machine. */
function isAboutThePlan(error: unknown): error is InterlockError {
  return (
    error instanceof InterlockError &&
    !(error instanceof TransientError) &&
    !(error instanceof StaleStateError)
  );
}

function reject(context: TaskContext, error: InterlockError): Promise<SagaState> {
  const { stepIndex } = context.transaction.cursor;
  const conflict = error instanceof ConflictError ? { holder: error.holder } : {};
  const reason = { ...reasonOf(error, stepIndex), ...conflict };
  return finish(context, { status: 'rejected', reason });
}

async function hold(
  context: TaskContext,
  status: 'parked' | 'awaiting-approval',
  records: Parameters<typeof commit>[1]['records'] = [],
): Promise<SagaState> {
  const { cursor } = context.transaction;
  const held = await commit(context, { update: { cursor, status }, records });
  return toSeal(held.transaction);
}

function toSeal(transaction: TaskContext['transaction']): SagaState {
  return { ...stateOf(transaction), next: 'seal' };
}

/** The row as a failed commit left it. */
async function fresh(context: TaskContext): Promise<TaskContext> {
  const { ports, transaction } = context;
  const now = await ports.store.load(transaction.id);
  if (now === undefined || now.epoch !== transaction.epoch)
    throw new StaleStateError(`epoch ${transaction.epoch} of \`${transaction.id}\` is over`);
  return { ...context, transaction: now };
}
