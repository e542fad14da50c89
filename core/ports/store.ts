import type { Target } from '../action.ts';
import type { EvidenceRecord } from '../evidence/record.ts';
import type {
  Approval,
  Claim,
  Cursor,
  EffectAnswer,
  PreparedStep,
  Reason,
  Resolution,
  Status,
  Transaction,
} from '../transaction.ts';
import type { KillMode, KillScope } from './kill-switch.ts';

/** The permission to make one effect; only `authorize` puts one. Times are epoch milliseconds. */
export interface Decision {
  readonly id: string;
  readonly kind: 'apply';
  readonly transactionId: string;
  readonly epoch: number;
  readonly stepIndex: number;
  readonly attempt: number;
  readonly planDigest: string;
  readonly inputDigest: string;
  readonly beforeDigest: string;
  /** How many approvals the answer rests on; absent when none. */
  readonly approvals?: number;
  readonly policySetDigest: string;
  readonly entitiesDigest: string;
  readonly contextDigest: string;
  readonly expiresAt: number;
}

/** One part of an atomic change besides the transaction's own row. */
export type Write =
  /** All or none; `ConflictError` names the holder. */
  | { readonly write: 'lock'; readonly resources: readonly string[] }
  | { readonly write: 'unlock' }
  /** `DecisionError` (`lock-lost`) unless the transaction holds all of them. */
  | { readonly write: 'held'; readonly resources: readonly string[] }
  | { readonly write: 'decision'; readonly decision: Decision }
  /**
   * Consumes the claim's decision (kind apply): `DecisionError` unless it exists, is unused, not
   * expired at `now`, and equal in transaction, step, attempt, epoch and all digests of `expected`.
   * A compensation consumes nothing: `DecisionError` unless its decision was consumed and is of the
   * same transaction, step and state. `DecisionError` (`claim-exists`) when the key is taken.
   */
  | {
      readonly write: 'claim';
      readonly claim: Claim;
      readonly now: number;
      readonly expected?: Pick<Decision, 'planDigest' | 'inputDigest' | 'beforeDigest'>;
    }
  /** Marks the claim as vended; `DecisionError` (`claim-vended`) when it was already. */
  | { readonly write: 'vend'; readonly attemptId: string; readonly policyDigest: string }
  | { readonly write: 'answer'; readonly attemptId: string; readonly answer: EffectAnswer }
  /** `StaleStateError` when a seal of that size exists; `EvidenceError` (`key-replaced`) where the
   * store was told that another key seals now. */
  | { readonly write: 'seal'; readonly seal: StoredSeal }
  /** `HaltedError` when the effective mode over `all` and the scopes is one of `refuse`. */
  | {
      readonly write: 'fence';
      readonly scopes: readonly KillScope[];
      readonly refuse: readonly KillMode[];
    };

/** One atomic, conditional change of a transaction with its evidence. */
export interface Change {
  readonly transactionId: string;
  /** `StaleStateError` unless the row is exactly there. */
  readonly expect: { readonly epoch: number; readonly cursor: Cursor };
  readonly update: {
    readonly cursor: Cursor;
    readonly status?: Status;
    readonly reason?: Reason;
    readonly targets?: readonly Target[];
    readonly prepared?: readonly PreparedStep[];
    readonly resolution?: Resolution;
    readonly sealed?: boolean;
    readonly approval?: Approval;
  };
  /** Their `seq` continue the row's `nextSeq`. */
  readonly records: readonly EvidenceRecord[];
  readonly writes: readonly Write[];
}

export interface StoredSeal {
  readonly streamId: string;
  readonly treeSize: number;
  /** The DSSE envelope, canonical JSON text. */
  readonly envelope: string;
  /** SPKI, DER: the key that the envelope names. */
  readonly publicKey: Uint8Array;
}

export interface Start {
  readonly transactionId: string;
  /** The row must still be at this epoch; it is bumped by one. */
  readonly epoch: number;
  readonly owner: string;
  readonly leaseUntil: number;
}

export interface ListQuery {
  readonly status?: Status;
  readonly agent?: string;
  /** Only those for which something is left to do: not final, or not sealed. */
  readonly isOpen?: boolean;
  readonly limit: number;
  /** Opaque, from the previous page. */
  readonly after?: string;
}

/**
 * Transactions and their evidence: neither exists without the other. Every write is atomic,
 * ordered and at once readable by every process; it is durable after the next `barrier()`.
 */
export interface Store {
  /**
   * Puts a new transaction with its first records. Returns the existing one when the actor has
   * used the idempotency key before (the caller compares digests). Safe to repeat.
   */
  create(
    transaction: Transaction,
    records: readonly EvidenceRecord[],
  ): Promise<{ readonly transaction: Transaction; readonly isNew: boolean }>;
  /** The transaction that an actor proposed under an idempotency key. */
  findByKey(actor: string, idempotencyKey: string): Promise<Transaction | undefined>;
  /** The row, or undefined. */
  load(transactionId: string): Promise<Transaction | undefined>;
  /** The newest first, dry runs left out. */
  list(query: ListQuery): Promise<{ transactions: readonly Transaction[]; next?: string }>;
  /** All or nothing. Throws what `expect` and each `Write` say; then nothing was written. */
  change(change: Change): Promise<void>;
  /**
   * Bumps the epoch: every older execution is now stale. A parked transaction is running (or
   * compensating) again. `StaleStateError` when outrun, and for a dry run: nothing starts it.
   */
  start(start: Start): Promise<Transaction>;
  /** Prolongs the lease of the current epoch. `StaleStateError` when it is not current. */
  renewLease(start: Start): Promise<void>;
  /** Marks the wish to cancel; a no-op on final ones. */
  cancel(transactionId: string, by: string, at: number): Promise<void>;
  /** The claims of a transaction, in the order in which they were made. */
  claims(transactionId: string): Promise<readonly Claim[]>;
  decision(decisionId: string): Promise<Decision | undefined>;
  decisions(transactionId: string): Promise<readonly Decision[]>;
  /** The RFC 8785 bytes of a stream's records from `fromSeq` on, in order. Throws `NotFoundError`
   * (`evidence-pruned`) once they are in an archive alone. */
  records(streamId: string, fromSeq?: number): Promise<readonly Uint8Array[]>;
  streams(): Promise<readonly string[]>;
  /**
   * Appends to a control stream; the store gives the `seq`. Safe: no record is ever lost. Throws
   * `EvidenceError` (`stream-closed`) for a stream that `ControlStreams.seal` has closed.
   */
  appendControl(record: Omit<EvidenceRecord, 'seq'>): Promise<void>;
  seals(streamId: string): Promise<readonly StoredSeal[]>;
  /** Who holds a resource. */
  lockHolder(resource: string): Promise<string | undefined>;
  /** Makes everything before it durable; concurrent callers share one. */
  barrier(): Promise<void>;
}
