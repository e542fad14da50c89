import { InvariantError } from '../../core/errors.ts';
import { type Plan, planDigest } from '../../core/plan.ts';
import { isFinal, type Transaction } from '../../core/transaction.ts';

/** How often the same plan may have run to an end before on one control plane. */
const EARLIER_ENDS_MAX = 10_000;

/** What the control plane answers to a proposal. */
interface Accepted<Row> {
  readonly isNew: boolean;
  readonly transaction: Row;
}

/**
 * The open transaction of a plan. The key is made of account and plan alone: an answer that was lost, or
 * an audit that was killed, finds its transaction again. One that had ended before this run is history (the
 * account has come to need the same plan again), so the next number is taken.
 */
export async function openTransactionOf<Row extends Pick<Transaction, 'status'>>(
  propose: (idempotencyKey: string) => Promise<Accepted<Row>>,
  plan: Plan,
  isOfThisRun: (transaction: Row) => boolean = () => false,
): Promise<Row> {
  const base = `${plan.target.accountId}:${planDigest(plan)}`;
  for (let number = 1; number <= EARLIER_ENDS_MAX; number += 1) {
    const proposed = await propose(`${base}:${number}`);
    const { isNew, transaction } = proposed;
    if (isNew || !isFinal(transaction.status) || isOfThisRun(transaction)) return transaction;
  }
  throw new InvariantError(`one plan has ended more than ${EARLIER_ENDS_MAX} times`);
}
