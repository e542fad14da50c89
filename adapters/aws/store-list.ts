import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { ListQuery } from '../../core/ports/store.ts';
import type { Transaction } from '../../core/transaction.ts';
import { all, below, type Condition, equals, queryOf } from './expressions.ts';
import { repeatable } from './sdk-errors.ts';
import { type Item, type Key, text, textOf } from './store-items.ts';
import { LISTED, OPEN } from './store-rows.ts';
import { INDEXES, type IndexDefinition } from './tables.ts';

/** Looks at the index for one page: beyond it the page is shorter, and there is a next one. */
const LOOKS_MAX = 20;

const POSITION_DIGITS = 12;

/** Positions of new transactions: by the time of creation, then in the order of this process. */
export function positions(): (transaction: Transaction) => string {
  let count = 0;
  return ({ createdAt, id }) => {
    count += 1;
    const inTime = createdAt.toString(16).padStart(POSITION_DIGITS, '0');
    return `${inTime}${count.toString(16).padStart(POSITION_DIGITS, '0')}#${id}`;
  };
}

/** What a list needs: the index, and the rows of its keys, read consistently. */
export interface ListParts {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly readRows: (keys: readonly Key[]) => Promise<readonly Item[]>;
  readonly hydrate: (rows: readonly Item[]) => Promise<readonly Transaction[]>;
}

/**
 * Lists from the index that fits best. An index follows its table within moments: a transaction
 * may be missing for so long, but none is shown that does not fit, for each is read again.
 */
export async function listTransactions(
  parts: ListParts,
  query: ListQuery,
): Promise<{ transactions: readonly Transaction[]; next?: string }> {
  const { limit } = query;
  const found: Item[] = [];
  let after = query.after;
  let isEnd = false;
  for (let looks = 0; looks < LOOKS_MAX && !isEnd && found.length <= limit; looks += 1) {
    const seen = await look(parts, query, { after, count: limit + 1 - found.length });
    const { keys } = seen;
    const rows = await parts.readRows(keys.map(({ pk, sk }) => ({ pk, sk }) as Key));
    found.push(...newestFirst(rows.filter((row) => fits(row, query))));
    isEnd = seen.isEnd;
    after = textOf(keys.at(-1), 'position') ?? after;
  }
  const shown = found.slice(0, limit);
  const transactions = await parts.hydrate(shown);
  const last = found.length > limit ? textOf(shown.at(-1), 'position') : after;
  return isEnd && found.length <= limit ? { transactions } : withNext(transactions, last);
}

function withNext(transactions: readonly Transaction[], next: string | undefined) {
  return { transactions, ...(next === undefined ? {} : { next }) };
}

async function look(
  { client, table }: ListParts,
  query: ListQuery,
  { after, count }: { readonly after: string | undefined; readonly count: number },
): Promise<{ readonly keys: readonly Item[]; readonly isEnd: boolean }> {
  const { index, value } = indexFor(query);
  const partition = equals(index.partitionKey.name, text(value));
  const condition: Condition =
    after === undefined ? partition : all(partition, below('position', text(after)));
  const command = new QueryCommand({
    TableName: table,
    IndexName: index.name,
    ScanIndexForward: false,
    Limit: count,
    ...queryOf(condition),
  });
  const answer = await repeatable('store-unreachable', () => client.send(command));
  return { keys: answer.Items ?? [], isEnd: answer.LastEvaluatedKey === undefined };
}

function indexFor({ isOpen, agent, status }: ListQuery): {
  readonly index: IndexDefinition;
  readonly value: string;
} {
  if (isOpen === true) return { index: INDEXES.open, value: OPEN };
  if (agent !== undefined) return { index: INDEXES.byAgent, value: agent };
  if (status !== undefined) return { index: INDEXES.byStatus, value: status };
  return { index: INDEXES.byTime, value: LISTED };
}

function fits(row: Item, { isOpen, agent, status }: ListQuery): boolean {
  return (
    (isOpen !== true || row['open'] !== undefined) &&
    (agent === undefined || textOf(row, 'agent') === agent) &&
    (status === undefined || textOf(row, 'status') === status)
  );
}

function newestFirst(rows: readonly Item[]): readonly Item[] {
  const positionOf = (row: Item) => textOf(row, 'position') ?? '';
  return [...rows].sort((one, other) => (positionOf(one) < positionOf(other) ? 1 : -1));
}
