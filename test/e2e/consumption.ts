import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../adapters/aws/store-items.ts';
import { itemBytes } from '../../adapters/aws/store-transact.ts';
import type { Call } from './counting-proxy.ts';

/** How many calls of an operation some functions made; of all when none is named. */
export function countOf(calls: readonly Call[], operation: string, ...by: string[]): number {
  return calls.filter(
    (one) => one.operation === operation && (by.length === 0 || by.includes(one.by)),
  ).length;
}

/** The items of all atomic writes. */
export function itemsOf(calls: readonly Call[]): number {
  return writesOf(calls).length;
}

/**
 * The write units of all writes, without those of indexes: one for each KiB begun of an item as it
 * is after the write, twice that in an atomic write ("Read and write operations", DynamoDB
 * developer guide). Items that are updated or only checked are taken as they are now.
 */
export async function writeUnitsOf(
  client: DynamoDBClient,
  calls: readonly Call[],
): Promise<number> {
  const single = calls.filter(({ operation }) => operation === 'DynamoDB.UpdateItem');
  const updates = single.map(({ request }) => parsed<Write>(request));
  const batches = calls.filter(({ operation }) => operation === 'DynamoDB.BatchWriteItem');
  // Deletions of items that are small.
  let units = batches.flatMap(({ request }) => deletionsIn(request)).length;
  for (const write of updates) units += await unitsOf(client, write);
  for (const write of writesOf(calls)) units += 2 * (await unitsOf(client, write));
  return units;
}

/** The read units of all reads that are answered with items; every read is consistent. */
export function readUnitsOf(calls: readonly Call[]): number {
  return calls
    .filter(({ operation }) => READS.has(operation))
    .map(({ operation, answer }) => {
      const { Item: one, Items: some = [], Responses: batch = {} } = parsed<ReadAnswer>(answer);
      const items = [...(one === undefined ? [] : [one]), ...some, ...Object.values(batch).flat()];
      // A query is counted as a whole, every other item by itself; nothing found is one unit.
      const bytes = items.map(itemBytes);
      const sizes = operation === 'DynamoDB.Query' ? [bytes.reduce((a, b) => a + b, 0)] : bytes;
      return Math.max(
        1,
        sizes.reduce((sum, one) => sum + Math.ceil(one / READ_BYTES), 0),
      );
    })
    .reduce((sum, one) => sum + one, 0);
}

/** The shortest time between two calls of an operation that one function made, in milliseconds. */
export function shortestPauseMs(calls: readonly Call[], operation: string): number {
  const times = new Map<string, number[]>();
  for (const one of calls)
    if (one.operation === operation) times.set(one.by, [...(times.get(one.by) ?? []), one.at]);
  const pauses = [...times.values()].flatMap((all) =>
    all.slice(1).map((at, index) => at - (all[index] ?? 0)),
  );
  return Math.min(Number.POSITIVE_INFINITY, ...pauses);
}

const READS = new Set(['DynamoDB.GetItem', 'DynamoDB.BatchGetItem', 'DynamoDB.Query']);
const READ_BYTES = 4096;
const WRITE_BYTES = 1024;

interface Write {
  readonly TableName: string;
  readonly Key?: Item;
  readonly Item?: Item;
}
interface ReadAnswer {
  readonly Item?: Item;
  readonly Items?: readonly Item[];
  readonly Responses?: Readonly<Record<string, readonly Item[]>>;
}

function deletionsIn(request: string): readonly unknown[] {
  const { RequestItems } = parsed<{ readonly RequestItems: Record<string, unknown[]> }>(request);
  return Object.values(RequestItems).flat();
}

function writesOf(calls: readonly Call[]): readonly Write[] {
  return calls
    .filter(({ operation }) => operation === 'DynamoDB.TransactWriteItems')
    .flatMap(({ request }) => {
      const { TransactItems } = parsed<{
        readonly TransactItems: readonly Readonly<Record<string, Write>>[];
      }>(request);
      return TransactItems.flatMap((one) => Object.values(one));
    });
}

async function unitsOf(client: DynamoDBClient, { TableName, Key, Item }: Write): Promise<number> {
  const item = Item ?? (await client.send(new GetItemCommand({ TableName, Key }))).Item ?? {};
  return Math.max(1, Math.ceil(itemBytes(item) / WRITE_BYTES));
}

/** Over the wire, binary values are texts in base64, a third longer. */
function parsed<Value>(body: string): Value {
  return JSON.parse(body, (name, value: unknown) =>
    name === 'B' && typeof value === 'string' ? Buffer.from(value, 'base64') : value,
  ) as Value;
}
