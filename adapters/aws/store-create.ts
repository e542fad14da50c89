import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvariantError } from '../../core/errors.ts';
import type { EvidenceRecord } from '../../core/evidence/record.ts';
import type { Transaction } from '../../core/transaction.ts';
import { chunkParts, putNew, recordParts, type StoreParts } from './store-change.ts';
import { idempotencyKey, text } from './store-items.ts';
import { partOf } from './store-parts.ts';
import { rowItem } from './store-rows.ts';
import { transact } from './store-transact.ts';

/** A transaction has the actor's idempotency key already. */
class KeyTaken extends Error {}

/** Puts a new transaction with its first records; false when its key is taken. */
export async function createTransaction(
  client: DynamoDBClient,
  { tables }: Pick<StoreParts, 'tables'>,
  {
    transaction,
    records,
    position,
  }: {
    readonly transaction: Transaction;
    readonly records: readonly EvidenceRecord[];
    readonly position: string;
  },
): Promise<boolean> {
  const { id, actor, idempotencyKey: key, plan } = transaction;
  const exists = () => new InvariantError(`the id \`${id}\` must be new`);
  const part = partOf(id, plan);
  const keyItem = { ...idempotencyKey(actor, key), transactionId: text(id) };
  const row = rowItem(transaction, position, part.pointer);
  try {
    await transact(client, [
      { item: putNew(tables.transactions, keyItem), refuse: () => new KeyTaken() },
      { item: putNew(tables.transactions, row), refuse: exists },
      ...chunkParts(tables, part.items),
      ...recordParts(tables, records, exists),
    ]);
    return true;
  } catch (error) {
    if (error instanceof KeyTaken) return false;
    throw error;
  }
}
