import { METRICS } from '../adapters/aws/metric-names.ts';
import type { Store } from '../core/ports/store.ts';
import { isFinal } from '../core/transaction.ts';
import { logDone } from './log.ts';
import { count } from './metrics.ts';

/** The same store, which counts every transaction that ends, by its outcome, at its commit point. */
export function countingOutcomes(store: Store): Store {
  return {
    ...store,
    async change(change) {
      await store.change(change);
      const { transactionId, update } = change;
      const { status } = update;
      if (status === undefined || !isFinal(status)) return;
      count(METRICS[status], { transactionId });
      if (status === 'stuck') count(METRICS.personNeeded, { transactionId });
      logDone('a transaction ended', { transactionId, status });
    },
  };
}
