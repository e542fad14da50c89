import type { Facts, Target } from './action.ts';
import type { Json } from './json.ts';
import type { Plan } from './plan.ts';

export const FINAL_STATUSES = ['committed', 'rejected', 'compensated', 'stuck'] as const;
export type FinalStatus = (typeof FINAL_STATUSES)[number];
export type Status =
  | 'proposed'
  | 'awaiting-approval'
  | 'running'
  | 'compensating'
  | 'parked'
  | FinalStatus;

export const REASON_CODES = [
  'denied',
  'expired',
  'cancelled',
  'halted',
  'conflict',
  'failed',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** Why a transaction did not commit. `detail` is the stable code of the error behind it. */
export interface Reason {
  readonly code: ReasonCode;
  readonly detail?: string;
  readonly message?: string;
  readonly stepIndex?: number;
  /** The transaction that holds the lock, on `conflict`. */
  readonly holder?: string;
}

/**
 * The store's cursor: the task that comes next. `claimed` and `compensation-claimed` stand between
 * a claim and its recorded answer: somebody may have acted.
 */
export type Phase =
  | 'preflight'
  | 'authorize'
  | 'execute'
  | 'claimed'
  | 'verify'
  | 'compensate'
  | 'compensation-claimed'
  | 'seal'
  | 'ended';

export interface Cursor {
  readonly stepIndex: number;
  readonly phase: Phase;
  /** 1, 2, ... of the step in this direction; a new decision each. */
  readonly attempt: number;
}

/** What preflight found out of one step; fixed for the rest of the transaction. */
export interface PreparedStep {
  readonly resources: readonly string[];
  readonly footprint: string;
  readonly before: Json;
  readonly beforeDigest: string;
  readonly predicted: Json;
  readonly predictedDigest: string;
  readonly facts: Facts;
}

/** A recorded answer to a claimed call. */
export type EffectAnswer = 'applied' | 'recovered' | 'refused' | 'not-applied';

/** The right to make one effect, taken by consuming a decision. */
export interface Claim {
  readonly transactionId: string;
  readonly stepIndex: number;
  readonly kind: 'apply' | 'compensate';
  readonly attempt: number;
  readonly epoch: number;
  readonly attemptId: string;
  /** The consumed `apply` decision; a compensation names the one of the step it undoes. */
  readonly decisionId: string;
  readonly beforeDigest: string;
  /** Epoch milliseconds; after it (plus skew) the effect cannot land any more. */
  readonly effectDeadline: number;
  /** Of the session policy that was vended; absent until then. */
  readonly policyDigest?: string;
  readonly answer?: EffectAnswer;
}

/** The row of a transaction. Times are epoch milliseconds. */
export interface Transaction {
  readonly id: string;
  readonly agent: string;
  readonly actor: string;
  readonly idempotencyKey: string;
  readonly plan: Plan;
  readonly planDigest: string;
  /** Set on the transaction that `tx undo` makes. */
  readonly undoOf?: string;
  readonly createdAt: number;
  readonly status: Status;
  readonly reason?: Reason;
  readonly epoch: number;
  readonly cursor: Cursor;
  /** What preflight located, one per step; the vault chooses session policies by it. */
  readonly targets?: readonly Target[];
  readonly prepared?: readonly PreparedStep[];
  /** Set once preflight has found that operators must approve. */
  readonly approval?: Approval;
  readonly nextSeq: number;
  /** True once the last seal covers all records. */
  readonly sealed: boolean;
  readonly cancelled?: { readonly by: string; readonly at: number };
  readonly owner?: string;
  readonly leaseUntil?: number;
  /** How an operator ended a stuck transaction; its locks are released. */
  readonly resolution?: Resolution;
}

/** What a transaction waits, or has waited, for. Times are epoch milliseconds. */
export interface Approval {
  /** What is approved, and nothing else: this plan, on this dry run, under this policy set. */
  readonly planDigest: string;
  readonly dryRunDigest: string;
  readonly policySetDigest: string;
  /** How many different operators must approve. */
  readonly needed: number;
  /** By different operators, in the order in which they approved. */
  readonly given: readonly GivenApproval[];
  /** When the last needed one was given: it authorises one run, and no more can be given. */
  readonly grantedAt?: number;
}

/** The yes of one operator. */
export interface GivenApproval {
  /** `operator:NAME`. */
  readonly by: string;
  readonly at: number;
  readonly expiresAt: number;
}

/** What an operator found the target to be, after a transaction got stuck. */
export interface Resolution {
  readonly as: 'applied' | 'restored';
  readonly reason: string;
  readonly by: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The small document that the state machine carries. */
export interface SagaState {
  readonly transactionId: string;
  readonly epoch: number;
  readonly stepIndex: number;
  readonly next: string;
  readonly error?: { readonly Error: string; readonly Cause?: string };
}

/** True when nothing more will happen by itself. */
export function isFinal(status: Status): status is FinalStatus {
  return (FINAL_STATUSES as readonly string[]).includes(status);
}

/** Where a new execution of a transaction enters the state machine. */
export function entryOf(transaction: Transaction): string {
  switch (transaction.cursor.phase) {
    case 'preflight':
      return 'preflight';
    case 'authorize':
    case 'execute':
    case 'claimed':
    case 'verify':
      return 'authorize';
    case 'compensate':
    case 'compensation-claimed':
      return 'compensate';
    case 'seal':
    case 'ended':
      return 'seal';
  }
}

/** What a new execution makes of a transaction's status: what was parked goes on where it stood. */
export function statusOnStart(at: {
  readonly status: Status;
  readonly cursor: Pick<Cursor, 'phase'>;
}): Status {
  if (at.status !== 'parked') return at.status;
  switch (at.cursor.phase) {
    case 'compensate':
    case 'compensation-claimed':
      return 'compensating';
    case 'preflight':
      return 'proposed';
    default:
      return 'running';
  }
}

/** The document that a new execution of a transaction is started with. */
export function entryState(transaction: Transaction): SagaState {
  const { id: transactionId, epoch, cursor } = transaction;
  return { transactionId, epoch, stepIndex: cursor.stepIndex, next: entryOf(transaction) };
}

/** What the id of a dry run begins with. */
export const DRY_RUN_PREFIX = 'dry';

/** True for the row of a dry run: it holds a plan, and nothing can start it. */
export function isDryRun(transactionId: string): boolean {
  return transactionId.startsWith(`${DRY_RUN_PREFIX}-`);
}

/** Names a stream of evidence. */
export function streamOf(transactionId: string): string {
  return `tx:${transactionId}`;
}
