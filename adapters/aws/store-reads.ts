import {
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  type KeysAndAttributes,
  paginateQuery,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { TransientError } from '../../core/errors.ts';
import { type Condition, queryOf } from './expressions.ts';
import { repeatable } from './sdk-errors.ts';
import type { Item } from './store-items.ts';

/** "Quotas", DynamoDB developer guide. */
const BATCH_KEYS_MAX = 100;
/** Answers of one batch until all of it is there. */
const BATCH_ANSWERS_MAX = 20;

/** Consistent reads of one table: what was written before is seen. */
export interface TableReader {
  get(key: Item): Promise<Item | undefined>;
  /** In no order; what is not there is left out. */
  batch(keys: readonly Item[]): Promise<readonly Item[]>;
  /** All items by a condition on the key, in the order of their sort key. */
  query(condition: Condition): Promise<readonly Item[]>;
  /** The same, the first of them: at most so many, and fewer only where no more are there. */
  first(condition: Condition, count: number): Promise<readonly Item[]>;
  /** The item with the highest sort key. */
  last(condition: Condition): Promise<Item | undefined>;
}

/** Reads a table consistently. Throws `TransientError` when it is out of reach. */
export function tableReader(client: DynamoDBClient, table: string): TableReader {
  const answered = <Result>(call: () => Promise<Result>) => repeatable('store-unreachable', call);
  const read = { TableName: table, ConsistentRead: true } as const;
  return {
    get: (key) =>
      answered(async () => (await client.send(new GetItemCommand({ ...read, Key: key }))).Item),
    batch: (keys) =>
      answered(async () => {
        const items: Item[] = [];
        for (let at = 0; at < keys.length; at += BATCH_KEYS_MAX)
          items.push(...(await getBatch(client, table, keys.slice(at, at + BATCH_KEYS_MAX))));
        return items;
      }),
    query: (condition) =>
      answered(async () => {
        const items: Item[] = [];
        const pages = paginateQuery({ client }, { ...read, ...queryOf(condition) });
        for await (const page of pages) items.push(...(page.Items ?? []));
        return items;
      }),
    first: (condition, count) =>
      answered(async () => {
        const items: Item[] = [];
        const wanted = { ...read, ...queryOf(condition), Limit: count };
        for await (const page of paginateQuery({ client }, wanted)) {
          items.push(...(page.Items ?? []));
          if (items.length >= count) break;
        }
        return items.slice(0, count);
      }),
    last: (condition) =>
      answered(async () => {
        const newest = { ...read, ...queryOf(condition), ScanIndexForward: false, Limit: 1 };
        return (await client.send(new QueryCommand(newest))).Items?.[0];
      }),
  };
}

async function getBatch(
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let left: KeysAndAttributes | undefined = { Keys: keys.map((key) => ({ ...key })) };
  for (let answers = 0; answers < BATCH_ANSWERS_MAX; answers += 1) {
    if (left?.Keys === undefined || left.Keys.length === 0) return items;
    const RequestItems: Record<string, KeysAndAttributes> = {
      [table]: { Keys: left.Keys, ConsistentRead: true },
    };
    const answer = await client.send(new BatchGetItemCommand({ RequestItems }));
    items.push(...(answer.Responses?.[table] ?? []));
    left = answer.UnprocessedKeys?.[table];
  }
  throw new TransientError('store-busy', 'a batch of items was not answered whole');
}
