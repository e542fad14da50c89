import { type InterlockError, StaleStateError, VerificationFailedError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { SagaState, Transaction } from '../transaction.ts';
import { answerData, denialOf } from './authorize.ts';
import { commit, type RecordDraft, stateOf, type TaskContext, task } from './context.ts';
import { finish } from './finish.ts';
import {
  type Observed,
  type PreparedView,
  preparedStep,
  readStep,
  requestFor,
  resourcesOf,
} from './step.ts';
import { errorOf, stop } from './stop.ts';

/**
 * Reads back what the step did until it is settled, compares it with the prediction, asks the
 * decision point again. The write after the last step is the commit point of the transaction.
 */
export const verify = task(async (context, state) => {
  const { transaction } = context;
  if (isBehind(transaction, state)) return stateOf(transaction);
  const { cursor } = transaction;
  if (cursor.phase === 'compensate' || cursor.phase === 'compensation-claimed')
    throw errorOf(transaction.reason);
  if (cursor.phase !== 'verify' || cursor.stepIndex !== state.stepIndex)
    throw new StaleStateError(
      `\`${transaction.id}\` is at \`${cursor.phase}\` of ${cursor.stepIndex}`,
    );
  return check(context, preparedStep(context.ports, transaction, state.stepIndex));
});

/** True when Execute asks for a retry, or this very task was done before. */
function isBehind({ cursor, status }: Transaction, state: SagaState): boolean {
  if (cursor.phase === 'authorize')
    return cursor.stepIndex === state.stepIndex || cursor.stepIndex === state.stepIndex + 1;
  return status === 'committed' && cursor.stepIndex === state.stepIndex;
}

async function check(context: TaskContext, view: PreparedView): Promise<SagaState> {
  const { ports, transaction } = context;
  const { step, target, prepared } = view;
  const seen = await readStep(ports, transaction, view);
  if (seen.digest !== prepared.predictedDigest) {
    const error = new VerificationFailedError(
      'not-as-predicted',
      `step \`${step.id}\` did not leave what was predicted`,
    );
    return stop(context, error, [verifiedRecord(context, seen, { ok: false })]);
  }
  const request = requestFor(ports, transaction, {
    phase: 'verify',
    action: step.action,
    target,
    resources: prepared.resources,
    // Facts are a function of states, and the state read equals the predicted one.
    facts: prepared.facts,
    resourceCount: resourcesOf(transaction.prepared ?? []).length,
  });
  const answer = await ports.decisionPoint.decide(request);
  const denial: InterlockError | undefined = denialOf(answer);
  const record = verifiedRecord(context, seen, {
    ok: denial === undefined,
    decision: answerData(answer),
  });
  if (denial !== undefined) return stop(context, denial, [record]);
  return advance(context, record);
}

async function advance(context: TaskContext, record: RecordDraft): Promise<SagaState> {
  const { transaction } = context;
  const stepIndex = transaction.cursor.stepIndex + 1;
  if (stepIndex === transaction.plan.steps.length)
    return finish(context, { status: 'committed', records: [record] });
  const next = await commit(context, {
    update: { cursor: { stepIndex, phase: 'authorize', attempt: 1 } },
    records: [record],
  });
  return stateOf(next.transaction);
}

function verifiedRecord(
  { transaction: { cursor } }: TaskContext,
  seen: Observed,
  result: JsonObject,
): RecordDraft {
  return {
    kind: 'verified',
    stepIndex: cursor.stepIndex,
    attempt: cursor.attempt,
    data: { after: seen.state, afterDigest: seen.digest, ...result },
  };
}
