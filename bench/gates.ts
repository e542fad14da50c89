import type { TransactionMeasure } from './transaction.ts';

/** What a five-step transaction may cost at most; counts, not times. */
export const GATES = {
  committed: { barriers: 13, decisions: 11 },
  failing: { barriers: 22, decisions: 16 },
} as const;

/** The gates that a measure breaks, one sentence each. */
export function brokenGates(measure: TransactionMeasure): readonly string[] {
  const gate = GATES[measure.outcome];
  const name = `${measure.plan} ${measure.outcome} at ${measure.concurrency}`;
  return (['barriers', 'decisions'] as const).flatMap((what) =>
    measure[what] <= gate[what]
      ? []
      : [`${name}: ${measure[what].toFixed(2)} ${what} a transaction, gate ${gate[what]}`],
  );
}
