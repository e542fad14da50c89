import {
  CloudRefusedError,
  DriftError,
  HaltedError,
  InterlockError,
  InvariantError,
  StaleStateError,
  StuckError,
  TransientError,
} from '../errors.ts';
import { scopesOf } from '../ports/kill-switch.ts';
import type { Claim } from '../transaction.ts';
import { answerData, denialOf } from './authorize.ts';
import { commit, type RecordDraft, type TaskContext } from './context.ts';
import { claimRecord, vend, waitUntilSafe } from './execute.ts';
import { type PreparedView, readStep, requestFor, resourcesOf, viewBefore } from './step.ts';
import { isFreeze } from './stop.ts';

/** Waits up to this long happen inside the task, longer ones in the state machine. */
const INLINE_WAIT_MS_MAX = 1000;

/** Inverse calls for one step in one execution; a state machine that waits starts its retries anew. */
export const INVERSE_CALLS_MAX = 5;

/** A step that reads as before again; its record and the answer to its claim are to be written. */
export interface Restored {
  readonly context: TaskContext;
  readonly claim: Claim;
  readonly record: RecordDraft;
}

/**
 * Restores `before` of one step: waits until nothing is in flight, reads, asks the decision point,
 * claims, makes the inverse call, reads back. `wait` asks to come again later, `frozen` means that
 * the kill switch refuses. Throws `TransientError` when the call may be repeated and `StuckError`
 * when only a person can go on.
 */
export async function restore(
  context: TaskContext,
  claims: readonly Claim[],
  view: PreparedView,
): Promise<Restored | 'wait' | 'frozen'> {
  const own = claims.filter((one) => one.stepIndex === view.stepIndex);
  const inFlight = own.filter((one) => one.answer === undefined);
  if (!(await isSafe(context, inFlight))) return 'wait';
  const consumed = own.findLast((one) => one.kind === 'apply');
  if (consumed === undefined) throw new InvariantError('a step without a claim needs no inverse');
  await requireSameBefore(context, view, consumed);
  const inverses = own.filter((one) => one.kind === 'compensate');
  requireCallsLeft(context, inverses);
  const attempt = inverses.length + 1;
  const claimed = await claimInverse(context, view, { consumed, attempt });
  if (claimed === undefined) return 'frozen';
  const called = await callInverse(claimed.context, view, claimed.claim);
  return confirm(called, view, claimed.claim);
}

/** Nothing may land any more from calls without an answer, before the inverse is made or judged. */
async function isSafe(context: TaskContext, inFlight: readonly Claim[]): Promise<boolean> {
  const { ports } = context;
  for (const claim of inFlight) {
    const leftMs = claim.effectDeadline + ports.timing.skewMs - ports.clock.now();
    if (leftMs > INLINE_WAIT_MS_MAX) return false;
    await waitUntilSafe(context, claim);
  }
  return true;
}

/** What is put back must be what was recorded, decided on and claimed. */
async function requireSameBefore(
  { ports }: TaskContext,
  { prepared, step }: PreparedView,
  consumed: Claim,
): Promise<void> {
  const decision = await ports.store.decision(consumed.decisionId);
  const { beforeDigest } = prepared;
  if (decision?.beforeDigest === beforeDigest && consumed.beforeDigest === beforeDigest) return;
  throw new StuckError(
    'before-not-proved',
    `the state before step \`${step.id}\` is not the one that was decided on`,
  );
}

/** What no call of this execution could restore is for a person; a new execution may try again. */
function requireCallsLeft({ transaction }: TaskContext, inverses: readonly Claim[]): void {
  const { epoch } = transaction;
  if (inverses.filter((one) => one.epoch === epoch).length < INVERSE_CALLS_MAX) return;
  throw new StuckError(
    'compensation-failed',
    `the inverse did not succeed in ${INVERSE_CALLS_MAX} calls`,
  );
}

async function claimInverse(
  context: TaskContext,
  view: PreparedView,
  { consumed, attempt }: { readonly consumed: Claim; readonly attempt: number },
): Promise<{ readonly context: TaskContext; readonly claim: Claim } | undefined> {
  const { ports, transaction } = context;
  const { step, prepared, stepIndex } = view;
  const decision = await decideInverse(context, view);
  const now = ports.clock.now();
  const claim: Claim = {
    transactionId: transaction.id,
    stepIndex,
    kind: 'compensate',
    attempt,
    epoch: transaction.epoch,
    attemptId: ports.ids.next('attempt'),
    decisionId: consumed.decisionId,
    beforeDigest: prepared.beforeDigest,
    effectDeadline: now + ports.timing.effectMs,
  };
  const record = claimRecord('compensating', claim);
  try {
    const claimed = await commit(context, {
      update: { cursor: { stepIndex, phase: 'compensation-claimed', attempt } },
      now,
      records: [{ ...record, data: { ...record.data, decision } }],
      writes: [
        {
          write: 'fence',
          scopes: scopesOf(transaction.agent, step.action),
          refuse: ['freeze'],
        },
        { write: 'held', resources: prepared.resources },
        { write: 'claim', claim, now },
      ],
    });
    return { context: claimed, claim };
  } catch (error) {
    if (error instanceof HaltedError && isFreeze(error)) return undefined;
    throw error;
  }
}

/** Reads what is there now and asks the decision point; neither ours nor `before` is stuck. */
async function decideInverse(context: TaskContext, view: PreparedView) {
  const { ports, transaction } = context;
  const { action, input, target, prepared, step, stepIndex } = view;
  const seen = await readHere(context, view);
  if (seen.digest !== prepared.beforeDigest && seen.digest !== prepared.predictedDigest)
    throw new StuckError(
      'changed-by-others',
      `step \`${step.id}\` finds a state that is neither its own nor the one before`,
      { hint: 'look at the target, then end it with `interlock tx resolve`' },
    );
  const states = viewBefore(transaction, stepIndex);
  const request = requestFor(ports, transaction, {
    phase: 'compensate',
    action: step.action,
    target,
    resources: prepared.resources,
    facts: action.facts(target, input, prepared.predicted, prepared.before, states),
    resourceCount: resourcesOf(transaction.prepared ?? []).length,
  });
  const answer = await ports.decisionPoint.decide(request);
  const denial = denialOf(answer);
  // Nobody has said no: the decision point may answer when it is asked again.
  if (answer.code === 'pdp-failed')
    throw new TransientError('pdp-failed', 'no answer to the inverse');
  if (denial !== undefined)
    throw new StuckError('compensation-denied', denial.message, { cause: denial });
  return answerData(answer);
}

async function readHere(context: TaskContext, view: PreparedView) {
  try {
    return await readStep(context.ports, context.transaction, view);
  } catch (error) {
    if (error instanceof DriftError || error instanceof CloudRefusedError)
      throw new StuckError(error.code, error.message, { cause: error });
    throw error;
  }
}

async function callInverse(
  context: TaskContext,
  { action, input, target, prepared }: PreparedView,
  claim: Claim,
): Promise<TaskContext> {
  const vended = await vend(context, claim);
  // INVARIANT: the claim is durable before the inverse can start.
  await vended.context.ports.store.barrier();
  try {
    await action.compensate(target, input, prepared.before, vended.cloud);
    return vended.context;
  } catch (cause) {
    if (cause instanceof StaleStateError || !(cause instanceof InterlockError)) throw cause;
    throw new TransientError(cause.code, `the inverse call failed: ${cause.message}`, { cause });
  }
}

async function confirm(context: TaskContext, view: PreparedView, claim: Claim): Promise<Restored> {
  const seen = await readHere(context, view);
  if (seen.digest !== view.prepared.beforeDigest)
    throw new TransientError('not-restored', `step \`${view.step.id}\` does not read as before`);
  const record: RecordDraft = {
    kind: 'compensated',
    stepIndex: view.stepIndex,
    attempt: claim.attempt,
    data: { attemptId: claim.attemptId, after: seen.state, afterDigest: seen.digest },
  };
  return { context, claim, record };
}
