import type { Proposed } from '../../core/tasks/propose.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { ApiOptions, RouteContext } from '../context.ts';
import type * as shapes from '../shapes.ts';
import { summaryOf } from '../view/summary.ts';

type Starting = Pick<ApiOptions, 'ports' | 'start' | 'basePath'>;

/** Starts a proposed transaction and answers 202 with its address. */
export async function accepted(
  { start, basePath = '' }: Starting,
  context: RouteContext,
  { transaction, isNew }: Proposed,
) {
  await start(transaction);
  const { id, idempotencyKey } = transaction;
  context.header('location', `${basePath}/v1/transactions/${id}`);
  const body: shapes.Proposed = { transaction: summaryOf(transaction), isNew, idempotencyKey };
  return context.json(body, 202);
}

/** Starts a transaction that may go on, and answers 202 with where it stands now. */
export async function goesOn(
  { ports, start }: Starting,
  context: RouteContext,
  transaction: Transaction,
) {
  await start(transaction);
  const now = (await ports.store.load(transaction.id)) ?? transaction;
  return context.json(summaryOf(now), 202);
}
