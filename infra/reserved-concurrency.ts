/** GetParameter calls a second that an account has by default (Systems Manager quotas). */
export const SSM_READS_PER_SECOND = 40;

/** One writes the log, so that runs do not take it from each other; more would break nothing. */
export const SEQUENCERS = 1;

/**
 * How many of each function that reads the kill switch's parameter run at once. Each reads it at
 * most once a second (`follow-kill-switch` when it was written, which is rare), so these are also
 * its reads a second: 36 of 40. Four are left for operators and for `compensate`, which has no
 * bound: throttled out it would end stuck, whereas a parameter that it cannot read stops no
 * compensation. It reads once a call, and a freeze that it misses so holds it back as soon as an
 * `authorize` has put it into the fence.
 */
export const RESERVED_CONCURRENCY: Readonly<Record<string, number>> = {
  'api-agent': 6,
  'api-operator': 2,
  'dry-run': 2,
  preflight: 8,
  authorize: 15,
  reconcile: 2,
  'follow-kill-switch': 1,
};
