import { approvalsUnder } from '../approval.ts';
import { decisionOf, requireAllowed } from '../authorization.ts';
import { CloudRefusedError, DriftError, InterlockError, StaleStateError } from '../errors.ts';
import { parseRecord } from '../evidence/record.ts';
import { digestOf } from '../hash.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Answer } from '../ports/decision-point.ts';
import type { Decision } from '../ports/store.ts';
import { type SagaState, streamOf } from '../transaction.ts';
import { commit, stateOf, type TaskContext, task } from './context.ts';
import {
  type Observed,
  type PreparedView,
  preparedStep,
  readStep,
  requestFor,
  resourcesOf,
} from './step.ts';
import { errorOf, obstacle, stop } from './stop.ts';

/**
 * Decides one step on the state that is there now, and puts the decision that Execute will consume.
 * A denial, a halt, a cancelled or expired plan and drift are committed and thrown: compensation is
 * catch-driven.
 */
export const authorize = task(async (context, state) => {
  const { ports, transaction } = context;
  const { cursor } = transaction;
  requireForward(context, state);
  const view = preparedStep(ports, transaction, state.stepIndex);
  const against = await obstacle(context, view.step.action);
  if (against !== undefined) return refuse(context, against);
  // A claim is open, or the effect was acknowledged: Execute and Verify go on from there.
  if (cursor.phase === 'claimed' || cursor.phase === 'verify') return goOn(context, cursor.phase);
  if (cursor.phase === 'execute' && (await hasDecision(context))) return stateOf(transaction);
  return decide(context, view);
});

/** Throws unless the cursor is in the forward run, at the step of the state. */
export function requireForward({ transaction }: TaskContext, state: SagaState): void {
  const { cursor } = transaction;
  const isForward = ['authorize', 'execute', 'claimed', 'verify'].includes(cursor.phase);
  if (isForward && cursor.stepIndex === state.stepIndex) return;
  if (cursor.phase === 'compensate' || cursor.phase === 'compensation-claimed')
    throw errorOf(transaction.reason);
  throw new StaleStateError(
    `\`${transaction.id}\` is at \`${cursor.phase}\` of step ${cursor.stepIndex}`,
  );
}

/** The apply decision that the cursor's attempt may consume in this epoch. */
export async function decisionFor({
  ports,
  transaction,
}: TaskContext): Promise<Decision | undefined> {
  const { epoch, cursor } = transaction;
  const all = await ports.store.decisions(transaction.id);
  return all.findLast(
    (one) =>
      one.epoch === epoch && one.stepIndex === cursor.stepIndex && one.attempt === cursor.attempt,
  );
}

/** Tells once an execution that nothing forbids to go on; a second delivery finds it told. */
async function goOn(context: TaskContext, phase: 'claimed' | 'verify'): Promise<SagaState> {
  const { ports, transaction } = context;
  const { id, epoch, nextSeq, cursor } = transaction;
  const [last] = await ports.store.records(streamOf(id), nextSeq - 1);
  if (last === undefined || parseRecord(last).epoch === epoch) return stateOf(transaction);
  const { stepIndex, attempt } = cursor;
  const records = [{ kind: 'resumed', stepIndex, attempt, data: { phase } }];
  return stateOf((await commit(context, { update: { cursor }, records })).transaction);
}

async function hasDecision(context: TaskContext): Promise<boolean> {
  return (await decisionFor(context)) !== undefined;
}

async function decide(context: TaskContext, view: PreparedView): Promise<SagaState> {
  const { ports, transaction } = context;
  const { cursor } = transaction;
  const { step, target, prepared } = view;
  const seen = await readOrDrift(context, view);
  if (seen instanceof InterlockError) return refuse(context, seen);
  if (seen.digest !== prepared.beforeDigest)
    return refuse(context, new DriftError('drift', `step \`${step.id}\` finds its target changed`));
  const request = requestFor(ports, transaction, {
    phase: 'apply',
    action: step.action,
    target,
    resources: prepared.resources,
    facts: prepared.facts,
    resourceCount: resourcesOf(transaction.prepared ?? []).length,
  });
  const answer = await ports.decisionPoint.decide(request);
  const approvals = approvalsUnder(transaction, answer.policySetDigest);
  const binding = {
    id: ports.ids.next('decision'),
    transactionId: transaction.id,
    epoch: transaction.epoch,
    stepIndex: cursor.stepIndex,
    attempt: cursor.attempt,
    planDigest: transaction.planDigest,
    inputDigest: digestOf(step.input),
    beforeDigest: seen.digest,
    ...(approvals === 0 ? {} : { approvals }),
  };
  const denial = denialOf(answer);
  if (denial !== undefined) return refuse(context, denial, answer);
  const now = ports.clock.now();
  const decision = decisionOf(binding, answer, now);
  const decided = await commit(context, {
    now,
    update: { cursor: { ...cursor, phase: 'execute' }, status: 'running' },
    records: [
      {
        kind: 'decided',
        stepIndex: cursor.stepIndex,
        attempt: cursor.attempt,
        data: { decision: { ...decision }, ...answerData(answer) },
      },
    ],
    writes: [{ write: 'decision', decision }],
  });
  return stateOf(decided.transaction);
}

/** The state of the step, or what tells that its target is not the located one any more. */
async function readOrDrift(
  { ports, transaction }: TaskContext,
  view: PreparedView,
): Promise<Observed | InterlockError> {
  try {
    return await readStep(ports, transaction, view);
  } catch (error) {
    if (error instanceof DriftError || error instanceof CloudRefusedError) return error;
    throw error;
  }
}

/** What a record says of an answer; its digests are in the observation, and in the decision. */
export function answerData(given: Answer): JsonObject {
  const { answer, code, approvalsNeeded, reasons, shadow } = given;
  const data = { answer, code, approvalsNeeded, reasons, shadow };
  return JSON.parse(JSON.stringify(data)) as JsonObject;
}

/** The error of an answer that is not `allow`, or undefined. */
export function denialOf(answer: Answer): InterlockError | undefined {
  try {
    requireAllowed(answer);
    return undefined;
  } catch (error) {
    return error as InterlockError;
  }
}

function refuse(context: TaskContext, error: InterlockError, answer?: Answer): Promise<never> {
  const { cursor } = context.transaction;
  const data: Record<string, Json> =
    answer === undefined
      ? { answer: 'deny', code: error.code, reasons: [] }
      : { ...answerData(answer) };
  return stop(context, error, [
    { kind: 'decided', stepIndex: cursor.stepIndex, attempt: cursor.attempt, data },
  ]);
}
