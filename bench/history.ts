import { historyOf } from '../core/history/history.ts';
import { longHistory } from './long-history.ts';
import { percentile } from './measure.ts';

/** What it takes to see a transaction as it was. Milliseconds. */
export interface HistoryMeasure {
  readonly records: number;
  /** The last state, when nothing was looked at before. */
  readonly firstMs: number;
  /** Any state after that, median and 99 of 100. */
  readonly jumpMs: number;
  readonly jumpP99Ms: number;
}

const STEPS = 100;
const JUMPS = 2000;
/** Spreads the jumps over all records. */
const STRIDE = 997;

/** Measures a transaction of 100 steps with thousands of records. */
export function measureHistory(): HistoryMeasure {
  const records = longHistory(STEPS);
  // The first run of a function is slower than any other.
  historyOf(records).at(records.length - 1);
  const history = historyOf(records);
  const firstMs = elapsed(() => history.at(records.length - 1));
  const jumps = Array.from({ length: JUMPS }, (_, index) =>
    elapsed(() => history.at((index * STRIDE) % records.length)),
  );
  const [jumpMs, jumpP99Ms] = [percentile(jumps, 0.5), percentile(jumps, 0.99)];
  return { records: records.length, firstMs, jumpMs, jumpP99Ms };
}

function elapsed(run: () => unknown): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}
