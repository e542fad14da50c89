import type { DryRun } from '../api/shapes.ts';
import {
  CancelledError,
  ConflictError,
  DeniedError,
  DriftError,
  EvidenceError,
  HaltedError,
  IdempotencyError,
  InvalidInputError,
  StuckError,
} from '../core/errors.ts';
import type { Transaction } from '../core/transaction.ts';
import type { DriftReport } from './drift-shape.ts';

/** What the process answers; scripts branch on it, so a number never changes its meaning. */
export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  cancelled: 3,
  failOnMet: 4,
  notApplied: 5,
  evidenceInvalid: 6,
  denied: 7,
  pending: 8,
  stuck: 10,
  drift: 11,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The code for where a transaction stands. */
export function exitCodeOf(transaction: Pick<Transaction, 'status' | 'reason'>): ExitCode {
  const { status, reason } = transaction;
  switch (status) {
    case 'committed':
      return EXIT.ok;
    case 'rejected':
      if (reason?.code === 'denied') return EXIT.denied;
      return reason?.code === 'cancelled' ? EXIT.cancelled : EXIT.notApplied;
    case 'compensated':
      return reason?.code === 'cancelled' ? EXIT.cancelled : EXIT.notApplied;
    case 'stuck':
      return EXIT.stuck;
    case 'proposed':
    case 'running':
    case 'compensating':
    case 'awaiting-approval':
    case 'parked':
      return EXIT.pending;
  }
}

/** The code for what would become of a plan: that of the transaction that it would be. */
export function exitCodeOfDryRun({ answer, reason }: DryRun): ExitCode {
  if (answer === 'allow') return EXIT.ok;
  const status = answer === 'awaiting-approval' ? answer : 'rejected';
  return exitCodeOf(reason === undefined ? { status } : { status, reason });
}

/** The code for what a look at the account has found: what could not be read comes first. */
export function exitCodeOfDrift(report: DriftReport): ExitCode {
  if (report.unreadable.length > 0) return EXIT.error;
  if (report.drifted.length > 0) return EXIT.drift;
  return report.held.length > 0 ? EXIT.pending : EXIT.ok;
}

/** The code for an error that ends a command. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof InvalidInputError || error instanceof IdempotencyError) return EXIT.usage;
  if (error instanceof DeniedError) return EXIT.denied;
  if (error instanceof CancelledError) return EXIT.cancelled;
  if (error instanceof EvidenceError) return EXIT.evidenceInvalid;
  if (error instanceof StuckError) return EXIT.stuck;
  // The kill switch, a lock or a changed target: what was asked for did not happen.
  if (error instanceof HaltedError) return EXIT.notApplied;
  if (error instanceof ConflictError || error instanceof DriftError) return EXIT.notApplied;
  return EXIT.error;
}
