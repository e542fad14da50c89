import {
  AnswerLostError,
  CloudRefusedError,
  DecisionError,
  EffectFailedError,
  HaltedError,
  type InterlockError,
  StaleStateError,
  TransientError,
} from '../errors.ts';
import { digestOf } from '../hash.ts';
import { scopesOf } from '../ports/kill-switch.ts';
import type { Claim, EffectAnswer, SagaState } from '../transaction.ts';
import { decisionFor, requireForward } from './authorize.ts';
import { commit, type RecordDraft, stateOf, type TaskContext, task } from './context.ts';
import { type PreparedView, preparedStep, readStep } from './step.ts';
import { stop } from './stop.ts';

/** Decisions that one step may consume; a retry needs a new one. */
export const ATTEMPTS_MAX = 3;

/**
 * Makes the effect of one step, once: consumes the decision and claims in one write, makes that
 * durable, calls the target under a session that ends with the claim, records the answer. Found
 * claimed without an answer, it waits until nothing can land any more and reads what happened.
 */
export const execute = task(async (context, state) => {
  const { ports, transaction } = context;
  requireForward(context, state);
  const { phase } = transaction.cursor;
  if (phase === 'verify') return stateOf(transaction);
  if (phase === 'authorize') throw new StaleStateError(`\`${transaction.id}\` is not authorized`);
  const view = preparedStep(ports, transaction, state.stepIndex);
  return phase === 'claimed' ? recover(context, view) : claimAndApply(context, view);
});

async function claimAndApply(context: TaskContext, view: PreparedView): Promise<SagaState> {
  const claimed = await claimEffect(context, view);
  const { context: vended, cloud } = await vend(claimed.context, claimed.claim);
  // INVARIANT: the claim is durable before the effect can start.
  await vended.ports.store.barrier();
  const { action, input, target, prepared } = view;
  try {
    await action.apply(target, input, prepared.before, cloud);
  } catch (error) {
    return answerFailure(vended, { view, claim: claimed.claim, error });
  }
  return acknowledge(vended, claimed.claim, 'applied');
}

async function claimEffect(
  context: TaskContext,
  { step, prepared, stepIndex }: PreparedView,
): Promise<{ readonly context: TaskContext; readonly claim: Claim }> {
  const { ports, transaction } = context;
  const { cursor, epoch, planDigest } = transaction;
  const decision = await decisionFor(context);
  if (decision === undefined)
    return stop(context, new DecisionError('decision-unknown', 'no decision stands for the step'));
  const now = ports.clock.now();
  const claim: Claim = {
    transactionId: transaction.id,
    stepIndex,
    kind: 'apply',
    attempt: cursor.attempt,
    epoch,
    attemptId: ports.ids.next('attempt'),
    decisionId: decision.id,
    beforeDigest: prepared.beforeDigest,
    effectDeadline: now + ports.timing.effectMs,
  };
  const expected = {
    planDigest,
    inputDigest: digestOf(step.input),
    beforeDigest: prepared.beforeDigest,
  };
  try {
    const claimed = await commit(context, {
      update: { cursor: { ...cursor, phase: 'claimed' } },
      now,
      records: [claimRecord('claimed', claim)],
      writes: [
        {
          write: 'fence',
          scopes: scopesOf(transaction.agent, step.action),
          refuse: ['halt', 'freeze'],
        },
        { write: 'held', resources: prepared.resources },
        { write: 'claim', claim, now, expected },
      ],
    });
    return { context: claimed, claim };
  } catch (error) {
    if (error instanceof HaltedError || error instanceof DecisionError) return stop(context, error);
    throw error;
  }
}

/** The record of a claim. */
export function claimRecord(kind: 'claimed' | 'compensating', claim: Claim): RecordDraft {
  const { attemptId, decisionId, effectDeadline, beforeDigest } = claim;
  return {
    kind,
    stepIndex: claim.stepIndex,
    attempt: claim.attempt,
    data: { attemptId, decisionId, effectDeadline, beforeDigest, kind: claim.kind },
  };
}

/** Takes the one session of a claim and records that it was vended. */
export async function vend(context: TaskContext, claim: Claim) {
  const { ports, transaction } = context;
  const { stepIndex, attempt, attemptId } = claim;
  const { id: transactionId, epoch, cursor } = transaction;
  const session = await ports.vault.effect({ transactionId, epoch, stepIndex, attemptId });
  const { policyDigest } = session;
  const vended = await commit(context, {
    update: { cursor },
    records: [{ kind: 'vended', stepIndex, attempt, data: { attemptId, policyDigest } }],
    writes: [{ write: 'vend', attemptId, policyDigest }],
  });
  return { context: vended, cloud: session.cloud };
}

async function answerFailure(
  context: TaskContext,
  { view, claim, error }: { view: PreparedView; claim: Claim; error: unknown },
): Promise<SagaState> {
  // Nothing ran: a new decision may try again.
  if (error instanceof TransientError) return retry(context, claim, error.code);
  if (error instanceof CloudRefusedError) {
    const failed = new EffectFailedError(error.code, error.message, { cause: error });
    return fail(context, { claim, answer: 'refused', error: failed });
  }
  if (error instanceof AnswerLostError) return recover(context, view);
  throw error;
}

/** Reads what became of a claim whose answer nobody knows. */
async function recover(context: TaskContext, view: PreparedView): Promise<SagaState> {
  const { ports, transaction } = context;
  const { cursor } = transaction;
  const claims = await ports.store.claims(transaction.id);
  const claim = claims.findLast(
    (one) =>
      one.kind === 'apply' && one.stepIndex === view.stepIndex && one.attempt === cursor.attempt,
  );
  if (claim === undefined)
    return stop(context, new DecisionError('claim-unknown', 'the claim of the step is missing'));
  await waitUntilSafe(context, claim);
  const seen = await readStep(ports, transaction, view);
  const { beforeDigest, predictedDigest } = view.prepared;
  if (seen.digest === beforeDigest) return retry(context, claim, 'not-seen');
  if (seen.digest === predictedDigest && isUnambiguous(context, view))
    return acknowledge(context, claim, 'recovered');
  const error = new EffectFailedError(
    'unknown-outcome',
    'the target is neither as before nor as predicted',
  );
  return fail(context, { claim, answer: undefined, error });
}

/**
 * False when an earlier step of the plan left the same state: a read that lags behind could show
 * that one instead of the effect of this one.
 */
function isUnambiguous({ transaction }: TaskContext, view: PreparedView): boolean {
  const earlier = (transaction.prepared ?? []).slice(0, view.stepIndex);
  const { footprint, predictedDigest } = view.prepared;
  const states = earlier.filter((one) => one.footprint === footprint);
  return !states.some(
    (one) => one.predictedDigest === predictedDigest || one.beforeDigest === predictedDigest,
  );
}

/** Sleeps until no call under the claim can land any more; asks the clock again, timers are early. */
export async function waitUntilSafe({ ports }: TaskContext, claim: Claim): Promise<void> {
  const left = () => claim.effectDeadline + ports.timing.skewMs - ports.clock.now();
  for (let leftMs = left(); leftMs > 0; leftMs = left()) await ports.clock.sleep(leftMs);
}

async function acknowledge(
  context: TaskContext,
  claim: Claim,
  answer: EffectAnswer,
): Promise<SagaState> {
  const { cursor } = context.transaction;
  const done = await commit(context, {
    update: { cursor: { ...cursor, phase: 'verify' } },
    records: [answerRecord(claim, answer)],
    writes: [{ write: 'answer', attemptId: claim.attemptId, answer }],
  });
  return stateOf(done.transaction);
}

async function retry(context: TaskContext, claim: Claim, code: string): Promise<SagaState> {
  const { cursor } = context.transaction;
  if (cursor.attempt >= ATTEMPTS_MAX) {
    const error = new EffectFailedError(
      code,
      `the effect did not happen in ${ATTEMPTS_MAX} attempts`,
    );
    return fail(context, { claim, answer: 'not-applied', error });
  }
  const next = { ...cursor, phase: 'authorize', attempt: cursor.attempt + 1 } as const;
  const again = await commit(context, {
    update: { cursor: next },
    records: [answerRecord(claim, 'not-applied', code)],
    writes: [{ write: 'answer', attemptId: claim.attemptId, answer: 'not-applied' }],
  });
  return stateOf(again.transaction);
}

function fail(
  context: TaskContext,
  failure: { claim: Claim; answer: EffectAnswer | undefined; error: InterlockError },
): Promise<never> {
  const { claim, answer, error } = failure;
  if (answer === undefined) return stop(context, error);
  return stop(
    context,
    error,
    [answerRecord(claim, answer, error.code)],
    [{ write: 'answer', attemptId: claim.attemptId, answer }],
  );
}

function answerRecord(claim: Claim, answer: EffectAnswer, code?: string): RecordDraft {
  return {
    kind: 'acknowledged',
    stepIndex: claim.stepIndex,
    attempt: claim.attempt,
    data: { attemptId: claim.attemptId, answer, ...(code === undefined ? {} : { code }) },
  };
}
