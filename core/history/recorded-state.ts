import type { Target } from '../action.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Plan } from '../plan.ts';
import type {
  Approval,
  Claim,
  Cursor,
  PreparedStep,
  Reason,
  Resolution,
  Status,
} from '../transaction.ts';

/** A transaction as its records up to one of them tell it; times are epoch milliseconds. */
export interface RecordedState {
  /** The last record that it knows. */
  readonly seq: number;
  readonly kind: string;
  /** When that record was written. */
  readonly at: number;
  readonly agent: string;
  readonly actor: string;
  readonly plan: Plan;
  readonly planDigest: string;
  readonly undoOf?: string;
  readonly createdAt: number;
  readonly status: Status;
  readonly reason?: Reason;
  readonly epoch: number;
  readonly cursor: Cursor;
  readonly approval?: Approval;
  readonly resolution?: Resolution;
  /** One for each step of the plan. */
  readonly steps: readonly RecordedStep[];
}

/** What is known of a step. */
export interface RecordedStep {
  readonly target?: Target;
  /** The last dry run, also one that was refused. */
  readonly prepared?: PreparedStep;
  /** The record of that dry run. */
  readonly preparedSeq?: number;
  /** The last answer of the decision point. */
  readonly decision?: RecordedDecision;
  /** In the order in which they were made. */
  readonly claims: readonly RecordedClaim[];
  /** The last read after an effect. */
  readonly verified?: ReadBack & { readonly ok: boolean };
  /** The last read after an inverse. */
  readonly compensated?: ReadBack;
}

/** A claim without what the transaction says already. */
export type RecordedClaim = Omit<Claim, 'transactionId'>;

/** What was decided of a step, and before or after what. */
export interface RecordedDecision {
  readonly of: 'preflight' | 'apply' | 'verify' | 'compensate';
  readonly seq: number;
  /** `allow`, `deny` or `awaiting-approval`, with the code of a doubt and the policies. */
  readonly answer: JsonObject;
}

/** A state that was read, and by which record it is known. */
export interface ReadBack {
  readonly seq: number;
  readonly state: Json;
  readonly digest: string;
}
