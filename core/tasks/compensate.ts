import type { Claim, Reason, SagaState, Transaction } from '../transaction.ts';
import { commit, stateOf, type TaskContext, task } from './context.ts';
import { finish } from './finish.ts';
import { type Restored, restore } from './restore.ts';
import { preparedStep } from './step.ts';
import { modeFor, unwindingRecord } from './stop.ts';

/**
 * Unwinds one step, the latest first; decides from the store alone what is to be done. Every step
 * with a claim that was not refused for good gets its inverse call, whatever a read shows. Throws
 * `TransientError` when the call may be repeated and `StuckError` when only a person can go on.
 */
export const compensate = task(async (context, state) => {
  const { transaction } = context;
  const { cursor, status } = transaction;
  if (cursor.phase === 'seal' || cursor.phase === 'ended') return stateOf(transaction);
  if (status === 'parked') return parked(transaction);
  if (cursor.phase === 'compensate' || cursor.phase === 'compensation-claimed')
    return unwind(context);
  return begin(context, state);
});

function parked(transaction: Transaction): SagaState {
  return { ...stateOf(transaction), next: 'seal' };
}

/** The forward run ended without a committed reason: a crash, a time-out, or a fault of ours. */
async function begin(context: TaskContext, state: SagaState): Promise<SagaState> {
  const { transaction } = context;
  const { cursor } = transaction;
  if (state.error !== undefined) context.observing.see('execution.error', { ...state.error });
  if ((await modeFor(transaction, context)) === 'freeze') return park(context);
  const name = state.error?.Error ?? 'unknown';
  const reason: Reason = transaction.reason ?? {
    code: 'failed',
    detail: 'unexpected',
    message: `the execution ended with \`${name}\``,
    stepIndex: cursor.stepIndex,
  };
  const next = await commit(context, {
    update: { cursor: { ...cursor, phase: 'compensate', attempt: 1 }, reason },
    records: [unwindingRecord(cursor.stepIndex, reason)],
  });
  return unwind(next);
}

async function park(context: TaskContext): Promise<SagaState> {
  const { cursor } = context.transaction;
  const records = [{ kind: 'parked', stepIndex: cursor.stepIndex, data: {} }];
  const done = await commit(context, { update: { cursor, status: 'parked' }, records });
  return parked(done.transaction);
}

async function unwind(context: TaskContext): Promise<SagaState> {
  const { ports, transaction } = context;
  const claims = await ports.store.claims(transaction.id);
  const { stepIndex } = transaction.cursor;
  const top = highestOpen(claims, stepIndex);
  if (top === undefined) return end(context, claims);
  if (top < stepIndex || transaction.status !== 'compensating') return descend(context, top);
  const restored = await restore(context, claims, preparedStep(ports, transaction, stepIndex));
  if (restored === 'frozen') return park(context);
  if (restored === 'wait') return { ...stateOf(transaction), next: 'wait' };
  return settle(restored.context, restored);
}

/**
 * The highest step, at or below the cursor, that may have had an effect. Only a step whose every
 * claim was refused by the target for good has had none for sure: `not-applied` may rest on a read.
 */
function highestOpen(claims: readonly Claim[], from: number): number | undefined {
  const open = claims.filter(
    (one) => one.kind === 'apply' && one.stepIndex <= from && one.answer !== 'refused',
  );
  return open.length === 0 ? undefined : Math.max(...open.map((one) => one.stepIndex));
}

function end(context: TaskContext, claims: readonly Claim[]): Promise<SagaState> {
  const { reason } = context.transaction;
  const status = claims.length === 0 ? 'rejected' : 'compensated';
  return finish(context, { status, ...(reason === undefined ? {} : { reason }) });
}

async function descend(context: TaskContext, stepIndex: number): Promise<SagaState> {
  const { cursor } = context.transaction;
  const isSame = stepIndex === cursor.stepIndex;
  const next = await commit(context, {
    update: {
      cursor: isSame ? cursor : { stepIndex, phase: 'compensate', attempt: 1 },
      status: 'compensating',
    },
    records: [{ ...unwindingRecord(stepIndex), attempt: 1 }],
  });
  return stateOf(next.transaction);
}

/** Records that a step is restored, and goes on below it. */
async function settle(context: TaskContext, { claim, record }: Restored): Promise<SagaState> {
  const { reason, cursor } = context.transaction;
  const writes = [{ write: 'answer', attemptId: claim.attemptId, answer: 'applied' }] as const;
  const claims = await context.ports.store.claims(context.transaction.id);
  const below = highestOpen(claims, cursor.stepIndex - 1);
  if (below === undefined) {
    const why = reason === undefined ? {} : { reason };
    return finish(context, { status: 'compensated', ...why, records: [record], writes });
  }
  const next = await commit(context, {
    update: { cursor: { stepIndex: below, phase: 'compensate', attempt: 1 } },
    records: [record],
    writes,
  });
  return stateOf(next.transaction);
}
