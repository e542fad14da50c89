/** A checkpoint that anybody may see. */
export interface PublishedCheckpoint {
  /** Entries of the log. */
  readonly size: number;
  /** C2SP signed note. */
  readonly note: string;
}

/** Where checkpoints are shown, apart from the log: what was shown once is never taken back. */
export interface Checkpoints {
  /** The largest that was published. */
  newest(): Promise<PublishedCheckpoint | undefined>;
  /** Durable when it returns. Safe to repeat; throws `EvidenceError` (`checkpoint-forked`) when
   * another note of the same size was published. */
  publish(checkpoint: PublishedCheckpoint): Promise<void>;
  /** All, the smallest first. */
  all(): Promise<readonly PublishedCheckpoint[]>;
}
