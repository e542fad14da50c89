import type { StoredSeal } from './store.ts';

/** How far a seal of a control stream goes. */
export interface ControlSealing {
  /** Nothing may be appended after it. */
  readonly isLast: boolean;
}

/** The control streams, for who seals them; the records themselves are the store's. */
export interface ControlStreams {
  /** Those that have records and are not closed, oldest first. */
  open(): Promise<readonly string[]>;
  /**
   * Puts a seal; durable after the store's next `barrier()`. `StaleStateError` when a seal of that
   * size exists. With `isLast` the stream is closed in the same write: `StaleStateError` unless it
   * has exactly as many records as the seal covers, and every later append is refused.
   */
  seal(seal: StoredSeal, sealing: ControlSealing): Promise<void>;
}
