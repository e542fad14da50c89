import { StaleStateError } from '../core/errors.ts';
import type { Transaction } from '../core/transaction.ts';
import type { LocalControlPlane } from './open.ts';

/** Transactions that one process runs side by side. */
const CONCURRENCY = 16;

/** What runs many. */
export interface RunAll {
  readonly signal: AbortSignal;
  /** Hears of each transaction when its run is over. */
  readonly onEnd: (transaction: Transaction) => void;
}

/**
 * Runs transactions side by side to their ends; returns where each stands then, in the given order.
 * One that another process takes meanwhile is left to it, and left out.
 */
export async function runAll(
  controlPlane: LocalControlPlane,
  transactions: readonly Transaction[],
  { signal, onEnd }: RunAll,
): Promise<readonly Transaction[]> {
  const ended = new Array<Transaction | undefined>(transactions.length);
  const queue = transactions.entries();
  const work = async (): Promise<void> => {
    for (const [index, transaction] of queue) {
      if (signal.aborted) return;
      const one = await runOne(controlPlane, transaction, signal);
      ended[index] = one;
      if (one !== undefined) onEnd(one);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return ended.filter((one) => one !== undefined);
}

async function runOne(
  controlPlane: LocalControlPlane,
  transaction: Transaction,
  signal: AbortSignal,
): Promise<Transaction | undefined> {
  try {
    await controlPlane.run(transaction, signal);
  } catch (error) {
    if (error instanceof StaleStateError) return undefined;
    throw error;
  }
  return controlPlane.ports.store.load(transaction.id);
}
