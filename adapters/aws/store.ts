import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { InvariantError, StaleStateError } from '../../core/errors.ts';
import type { Change, Store } from '../../core/ports/store.ts';
import { movedOn } from '../../core/store-refusals.ts';
import type { Transaction } from '../../core/transaction.ts';
import { appendControl } from './control-stream.ts';
import { all, atLeast, equals } from './expressions.ts';
import { sealPositions } from './pending-seals.ts';
import { repeatable } from './sdk-errors.ts';
import type { StoreParts } from './store-change.ts';
import { claimsOf } from './store-claims.ts';
import { createTransaction } from './store-create.ts';
import { epochs } from './store-epochs.ts';
import {
  decisionKey,
  type Item,
  idempotencyKey,
  lockKey,
  number,
  numberOf,
  partitionOf,
  rowKey,
  text,
  textOf,
} from './store-items.ts';
import { listTransactions, positions } from './store-list.ts';
import { partReader } from './store-parts.ts';
import { tableReader } from './store-reads.ts';
import { isStream, recordsIn, sealOf, sealPartition } from './store-records.ts';
import { decisionOf, transactionOf } from './store-rows.ts';
import { transact } from './store-transact.ts';
import { partsOf } from './store-writes.ts';
import type { TableNames } from './tables.ts';

/**
 * The store of a deployment, in tables of DynamoDB. A change is one TransactWriteItems, reads
 * are consistent; `list` alone goes through an index, which follows its table within moments.
 * Every write is durable when it returns.
 */
export function dynamoStore({
  client,
  tables,
  now = Date.now,
}: {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}): Store {
  const evidence = tableReader(client, tables.evidence);
  const parts: StoreParts = {
    tables,
    transactions: tableReader(client, tables.transactions),
    decisions: tableReader(client, tables.decisions),
    nextSealPosition: sealPositions(now),
  };
  const { hydrate, load, findByKey } = rowReader(parts);
  const { start, renewLease, cancel } = epochs(client, parts);
  const positionOf = positions();
  const readRows = parts.transactions.batch;
  const listParts = { client, table: tables.transactions, readRows, hydrate };
  return {
    async create(transaction, records) {
      const position = positionOf(transaction);
      const isNew = await createTransaction(client, parts, { transaction, records, position });
      const stored = await findByKey(transaction.actor, transaction.idempotencyKey);
      if (stored === undefined) throw new InvariantError('who has the key must be there');
      return { transaction: stored, isNew };
    },
    findByKey,
    load,
    list: (query) => listTransactions(listParts, query),
    change: (wanted) => change(client, parts, wanted),
    start: async (wanted) => (await hydrate([await start(wanted)]))[0] as Transaction,
    renewLease,
    cancel,
    claims: (transactionId) => claimsOf(parts, transactionId),
    async decision(id) {
      const item = await parts.decisions.get(decisionKey(id));
      return item === undefined ? undefined : decisionOf(item);
    },
    async decisions(transactionId) {
      const isListed = equals('pk', text(partitionOf(transactionId)));
      const ids = (await parts.decisions.query(isListed)).map((one) => textOf(one, 'decisionId'));
      const items = await parts.decisions.batch(ids.map((id) => decisionKey(id ?? '')));
      const all = items.map(decisionOf);
      return all.sort((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id));
    },
    async records(streamId, fromSeq = 0) {
      const isWanted = all(equals('pk', text(streamId)), atLeast('seq', number(fromSeq)));
      return recordsIn(await evidence.query(isWanted), fromSeq);
    },
    streams: () => streamsIn(client, tables.evidence),
    appendControl: (record) =>
      appendControl({ tables, evidence }, record, (made) => transact(client, made)),
    async seals(streamId) {
      const items = await evidence.query(equals('pk', text(sealPartition(streamId))));
      return items.map((item) => sealOf(streamId, item));
    },
    async lockHolder(resource) {
      return textOf(await parts.transactions.get(lockKey(resource)), 'transactionId');
    },
    // DynamoDB has written to several zones when it answers: there is nothing to wait for.
    barrier: async () => undefined,
  };
}

async function change(client: DynamoDBClient, parts: StoreParts, wanted: Change): Promise<void> {
  try {
    await transact(client, await partsOf(parts, wanted));
  } catch (error) {
    // A write that found nothing to be about does not hide that the whole change is late.
    if (!(error instanceof StaleStateError) && !(await isCurrent(parts, wanted)))
      throw movedOn(wanted.transactionId);
    throw error;
  }
}

async function isCurrent(
  { transactions }: StoreParts,
  { transactionId, expect, records }: Change,
): Promise<boolean> {
  const row = await transactions.get(rowKey(transactionId));
  const { stepIndex, phase, attempt } = expect.cursor;
  const [first] = records;
  return (
    numberOf(row, 'epoch') === expect.epoch &&
    numberOf(row, 'stepIndex') === stepIndex &&
    textOf(row, 'phase') === phase &&
    numberOf(row, 'attempt') === attempt &&
    (first === undefined || numberOf(row, 'nextSeq') === first.seq)
  );
}

function rowReader({ transactions }: StoreParts) {
  const readDetails = partReader(transactions.batch);
  const hydrate = async (rows: readonly Item[]): Promise<readonly Transaction[]> => {
    const details = await readDetails(rows.map((item) => ({ id: idOf(item), item })));
    return rows.flatMap((item, index) => {
      const large = details[index];
      return large === undefined ? [] : [transactionOf(item, large)];
    });
  };
  const load = async (transactionId: string): Promise<Transaction | undefined> => {
    const row = await transactions.get(rowKey(transactionId));
    return row === undefined ? undefined : (await hydrate([row]))[0];
  };
  const findByKey = async (actor: string, key: string): Promise<Transaction | undefined> => {
    const id = textOf(await transactions.get(idempotencyKey(actor, key)), 'transactionId');
    return id === undefined ? undefined : load(id);
  };
  return { hydrate, load, findByKey };
}

/** The transaction of a row: what follows `tx#` in its partition. */
function idOf(row: Item): string {
  return (textOf(row, 'pk') ?? '').slice(partitionOf('').length);
}

/** Reads all keys of the evidence: for those who verify all of it, and read all of it anyway. */
async function streamsIn(client: DynamoDBClient, table: string): Promise<readonly string[]> {
  const found = new Set<string>();
  const wanted = { TableName: table, ConsistentRead: true, ProjectionExpression: 'pk' };
  await repeatable('store-unreachable', async () => {
    for await (const page of paginateScan({ client }, wanted))
      for (const item of page.Items ?? []) found.add(textOf(item, 'pk') ?? '');
  });
  return [...found].filter(isStream).sort();
}
