import {
  CancelledError,
  ConflictError,
  DecisionError,
  DeniedError,
  ExpiredError,
  HaltedError,
  InterlockError,
} from '../errors.ts';
import type { KillMode } from '../ports/kill-switch.ts';
import { scopesOf, stricter } from '../ports/kill-switch.ts';
import type { Write } from '../ports/store.ts';
import type { Reason, ReasonCode, Transaction } from '../transaction.ts';
import { commit, type RecordDraft, type TaskContext } from './context.ts';

/** Characters of an error's message that a reason keeps. */
const MESSAGE_CHARACTERS_MAX = 500;

/**
 * Ends the forward run: commits why, with the records, and throws the error for the state
 * machine's Catch. Under `freeze` the transaction is parked where it stands, otherwise its next
 * task is Compensate.
 */
export async function stop(
  context: TaskContext,
  error: InterlockError,
  records: readonly RecordDraft[] = [],
  writes: readonly Write[] = [],
): Promise<never> {
  const { cursor } = context.transaction;
  const { stepIndex } = cursor;
  if (isFreeze(error)) {
    const parked = { kind: 'parked', stepIndex, data: {} };
    const update = { cursor, status: 'parked' } as const;
    await commit(context, { update, records: [...records, parked], writes });
  } else {
    const reason = reasonOf(error, stepIndex);
    await commit(context, {
      update: { cursor: { ...cursor, phase: 'compensate', attempt: 1 }, reason },
      records: [...records, unwindingRecord(stepIndex, reason)],
      writes,
    });
  }
  throw error;
}

/** The record that the forward run has ended for a reason, or that a step is unwound next. */
export function unwindingRecord(stepIndex: number, reason?: Reason): RecordDraft {
  const data = reason === undefined ? {} : { reason: { ...reason } };
  return { kind: 'unwinding', stepIndex, data };
}

/** Why the forward run may not go on now, or undefined: cancelled, expired, kill switch. */
export async function obstacle(
  { ports, transaction }: TaskContext,
  actionId?: string,
): Promise<InterlockError | undefined> {
  if (transaction.cancelled !== undefined)
    return new CancelledError('cancelled', `cancelled by ${transaction.cancelled.by}`);
  if (ports.clock.now() > transaction.createdAt + transaction.plan.deadlineMs)
    return new ExpiredError('deadline-passed', 'the deadline of the plan has passed');
  return haltOf(await modeFor(transaction, { ports }, actionId));
}

/** The kill switch as it applies to a step of a transaction. */
export async function modeFor(
  transaction: Transaction,
  { ports }: { readonly ports: Pick<TaskContext['ports'], 'killSwitch'> },
  actionId?: string,
): Promise<KillMode> {
  return stricter(
    'running',
    await ports.killSwitch.effective(scopesOf(transaction.agent, actionId)),
  );
}

/** The error for a kill switch that refuses effects, or undefined. */
export function haltOf(mode: KillMode): HaltedError | undefined {
  return mode === 'halt' || mode === 'freeze'
    ? new HaltedError(mode, `the kill switch is at \`${mode}\``)
    : undefined;
}

/** True for the halt that parks instead of unwinding. */
export function isFreeze(error: unknown): boolean {
  return error instanceof HaltedError && error.code === 'freeze';
}

/** The stored reason of an error. */
export function reasonOf(error: Error, stepIndex: number): Reason {
  const detail = error instanceof InterlockError ? error.code : 'unexpected';
  // Evidence takes no half of a character, and a target may say anything.
  const message = error.message.slice(0, MESSAGE_CHARACTERS_MAX).toWellFormed();
  return { code: reasonCodeOf(error), detail, message, stepIndex };
}

/** The error that stopped a forward run, for a task that was delivered again. */
export function errorOf(reason: Reason | undefined): InterlockError {
  const code = reason?.detail ?? 'failed';
  const message = reason?.message ?? 'the transaction is being unwound';
  switch (reason?.code) {
    case 'denied':
      return new DeniedError(code, message);
    case 'halted':
      return new HaltedError(code, message);
    case 'cancelled':
      return new CancelledError(code, message);
    case 'expired':
      return new ExpiredError(code, message);
    case 'conflict':
    case 'failed':
    case undefined:
      return new InterlockError(code, message);
  }
}

function reasonCodeOf(error: Error): ReasonCode {
  if (error instanceof DeniedError || error instanceof DecisionError) return 'denied';
  if (error instanceof HaltedError) return 'halted';
  if (error instanceof CancelledError) return 'cancelled';
  if (error instanceof ExpiredError) return 'expired';
  if (error instanceof ConflictError) return 'conflict';
  return 'failed';
}
