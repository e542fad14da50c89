import type { Decision } from '../../core/ports/store.ts';
import {
  type Claim,
  type EffectAnswer,
  isDryRun,
  type Phase,
  type Status,
  type Transaction,
} from '../../core/transaction.ts';
import { type Item, json, jsonOf, number, numberOf, rowKey, text, textOf } from './store-items.ts';

/** The large parts of a transaction; the row points to them, see `store-parts.ts`. */
export type Details = Pick<Transaction, 'plan' | 'targets' | 'prepared'>;
export const DETAILS = ['plan', 'targets', 'prepared'] as const satisfies (keyof Details)[];

/** What never changes of a row. */
type Fixed = Pick<
  Transaction,
  'id' | 'agent' | 'actor' | 'idempotencyKey' | 'planDigest' | 'undoOf' | 'createdAt'
>;

/** The partition key of the index that has all transactions. */
export const LISTED = 'all';
/** The partition key of the index that has the open ones. */
export const OPEN = 'yes';

/**
 * The row of a new transaction. `position` orders lists: it begins with the time of creation, so
 * that a range of time is a range of positions.
 */
export function rowItem(transaction: Transaction, position: string, planPart: string): Item {
  const { id, agent, actor, idempotencyKey, planDigest, undoOf, createdAt } = transaction;
  const { status, epoch, cursor, nextSeq, sealed } = transaction;
  const fixed: Fixed = {
    ...{ id, agent, actor, idempotencyKey, planDigest, createdAt },
    ...(undoOf === undefined ? {} : { undoOf }),
  };
  return {
    ...rowKey(id),
    body: json(fixed),
    agent: text(agent),
    listed: text(LISTED),
    // Every index is ordered by it: without it a row is in none.
    ...(isDryRun(id) ? {} : { position: text(position) }),
    ...(sealed ? {} : { open: text(OPEN) }),
    status: text(status),
    epoch: number(epoch),
    stepIndex: number(cursor.stepIndex),
    phase: text(cursor.phase),
    attempt: number(cursor.attempt),
    nextSeq: number(nextSeq),
    sealed: { BOOL: sealed },
    plan: text(planPart),
  };
}

/** A transaction of its row and its large parts. */
export function transactionOf(item: Item, details: Details): Transaction {
  const optional = <Name extends string, Value>(name: Name, value: Value | undefined) =>
    (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
  return {
    ...(jsonOf<Fixed>(item, 'body') as Fixed),
    status: textOf(item, 'status') as Status,
    epoch: numberOf(item, 'epoch') as number,
    cursor: {
      stepIndex: numberOf(item, 'stepIndex') as number,
      phase: textOf(item, 'phase') as Phase,
      attempt: numberOf(item, 'attempt') as number,
    },
    nextSeq: numberOf(item, 'nextSeq') as number,
    sealed: item['sealed']?.BOOL === true,
    ...optional('reason', jsonOf<NonNullable<Transaction['reason']>>(item, 'reason')),
    ...optional('approval', jsonOf<NonNullable<Transaction['approval']>>(item, 'approval')),
    ...optional('cancelled', jsonOf<NonNullable<Transaction['cancelled']>>(item, 'cancelled')),
    ...optional('resolution', jsonOf<NonNullable<Transaction['resolution']>>(item, 'resolution')),
    ...optional('owner', textOf(item, 'owner')),
    ...optional('leaseUntil', numberOf(item, 'leaseUntil')),
    ...details,
  };
}

/** A claim of its item. */
export function claimOf(item: Item): Claim {
  const policyDigest = textOf(item, 'policyDigest');
  const answer = textOf(item, 'answer') as EffectAnswer | undefined;
  return {
    ...(jsonOf<Claim>(item, 'body') as Claim),
    ...(policyDigest === undefined ? {} : { policyDigest }),
    ...(answer === undefined ? {} : { answer }),
  };
}

/** A decision of its item. */
export function decisionOf(item: Item): Decision {
  return jsonOf<Decision>(item, 'body') as Decision;
}
