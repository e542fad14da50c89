/** The host's time. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Returns after `ms` milliseconds of this clock. */
  sleep(ms: number): Promise<void>;
}
