import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Start } from '../../core/ports/store.ts';
import { epochOver, startsNothing } from '../../core/store-refusals.ts';
import {
  FINAL_STATUSES,
  isDryRun,
  type Phase,
  type Status,
  statusOnStart,
} from '../../core/transaction.ts';
import {
  absent,
  all,
  type Condition,
  equals,
  not,
  oneOf,
  present,
  type Update,
  updateOf,
} from './expressions.ts';
import type { StoreParts } from './store-change.ts';
import { type Item, json, number, numberOf, rowKey, text, textOf } from './store-items.ts';
import { untilUncontended } from './store-transact.ts';

/** How the row of a transaction is changed outside its tasks. */
export interface Epochs {
  /** The row as it is now. `StaleStateError` when outrun. */
  start(start: Start): Promise<Item>;
  renewLease(start: Start): Promise<void>;
  cancel(transactionId: string, by: string, at: number): Promise<void>;
}

/** Bumps epochs, renews leases, notes wishes to cancel: one conditional write each. */
export function epochs(
  client: DynamoDBClient,
  { tables, transactions }: Pick<StoreParts, 'tables' | 'transactions'>,
): Epochs {
  const update = rowUpdater(client, tables.transactions);
  return {
    async start(wanted) {
      const { transactionId, epoch, owner, leaseUntil } = wanted;
      if (isDryRun(transactionId)) throw startsNothing(transactionId);
      const row = await transactions.get(rowKey(transactionId));
      if (row === undefined || numberOf(row, 'epoch') !== epoch)
        throw epochOver(transactionId, epoch);
      const status = textOf(row, 'status') as Status;
      const phase = textOf(row, 'phase') as Phase;
      const set = {
        epoch: number(epoch + 1),
        owner: text(owner),
        leaseUntil: number(leaseUntil),
        status: text(statusOnStart({ status, cursor: { phase } })),
      };
      // What the status was made of must still be so.
      const isAsRead = all(
        equals('epoch', number(epoch)),
        equals('status', text(status)),
        equals('phase', text(phase)),
      );
      const started = await update(transactionId, { set }, isAsRead);
      if (started === undefined) throw epochOver(transactionId, epoch);
      return started;
    },
    async renewLease(wanted) {
      const { transactionId, epoch, owner, leaseUntil } = wanted;
      const isCurrent = all(equals('epoch', number(epoch)), equals('owner', text(owner)));
      const set = { leaseUntil: number(leaseUntil) };
      const renewed = await update(transactionId, { set }, isCurrent);
      if (renewed === undefined) throw epochOver(transactionId, epoch);
    },
    async cancel(transactionId, by, at) {
      const isOpen = all(
        present('pk'),
        absent('cancelled'),
        not(oneOf('status', FINAL_STATUSES.map(text))),
      );
      await update(transactionId, { set: { cancelled: json({ by, at }) } }, isOpen);
    },
  };
}

/** Updates a row and returns it; undefined when the condition does not hold. */
function rowUpdater(client: DynamoDBClient, table: string) {
  return async (
    transactionId: string,
    change: Update,
    condition: Condition,
  ): Promise<Item | undefined> => {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: { ...rowKey(transactionId) },
      ReturnValues: 'ALL_NEW',
      ...updateOf(change, condition),
    });
    try {
      return (await untilUncontended(() => client.send(command))).Attributes;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  };
}
