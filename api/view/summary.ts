import type { Transaction } from '../../core/transaction.ts';
import type { TransactionSummary } from '../shapes.ts';

/** A transaction as lists show it. */
export function summaryOf(
  transaction: Pick<Transaction, 'id' | 'status' | 'agent' | 'plan' | 'createdAt' | 'reason'>,
): TransactionSummary {
  const { id, status, agent, plan, createdAt, reason } = transaction;
  return {
    id,
    status,
    agent,
    target: plan.target,
    purpose: plan.purpose,
    createdAt: new Date(createdAt).toISOString(),
    ...(reason === undefined ? {} : { reason }),
  };
}
