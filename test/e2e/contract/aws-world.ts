import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  type IndexDefinition,
  type KeyAttribute,
  TABLES,
  type TableDefinition,
  type TableNames,
} from '../../../adapters/aws/tables.ts';
import { clientOptions, type Emulator } from '../emulator/emulator.ts';

/** Tables of their own for one test. */
export interface TestTables {
  readonly names: TableNames;
  /** A client that waits for the tables, and for what was queued after them. */
  client(): DynamoDBClient;
  /** Does something before the next call of any client. */
  queue(work: (client: DynamoDBClient) => Promise<unknown>): void;
  close(): void;
}

/** Makes the tables on first use: a contract opens its store without waiting. */
export function testTables(emulator: Emulator): TestTables {
  const prefix = randomUUID();
  const names: TableNames = {
    transactions: `${prefix}-transactions`,
    evidence: `${prefix}-evidence`,
    decisions: `${prefix}-decisions`,
    log: `${prefix}-log`,
    pending: `${prefix}-pending`,
  };
  const admin = new DynamoDBClient(clientOptions(emulator));
  const clients = [admin];
  let ready: Promise<unknown> = createTables(admin, names);
  return {
    names,
    client() {
      const client = new DynamoDBClient(clientOptions(emulator));
      client.middlewareStack.add(
        (next) => async (input) => {
          await ready;
          return next(input);
        },
        { step: 'initialize', name: 'tables' },
      );
      clients.push(client);
      return client;
    },
    queue(work) {
      ready = ready.then(() => work(admin));
    },
    close() {
      for (const client of clients) client.destroy();
    },
  };
}

/** Makes every table as it is deployed. */
export async function createTables(client: DynamoDBClient, names: TableNames): Promise<void> {
  for (const [role, definition] of Object.entries(TABLES) as TableEntries)
    await client.send(createTable(names[role], definition));
}

type TableEntries = [keyof TableNames, TableDefinition][];

function createTable(
  TableName: string,
  { partitionKey, sortKey, indexes }: TableDefinition,
): CreateTableCommand {
  const keys = [
    partitionKey,
    sortKey,
    ...indexes.flatMap((one) => [one.partitionKey, one.sortKey]),
  ];
  const types = new Map(keys.map(({ name, type }) => [name, type]));
  return new CreateTableCommand({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: schemaOf({ partitionKey, sortKey }),
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    ...(indexes.length === 0
      ? {}
      : {
          GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: schemaOf(index),
            Projection: { ProjectionType: 'KEYS_ONLY' },
          })),
        }),
  });
}

function schemaOf({ partitionKey, sortKey }: Pick<IndexDefinition, 'partitionKey' | 'sortKey'>) {
  const key = ({ name }: KeyAttribute, KeyType: 'HASH' | 'RANGE') => ({
    AttributeName: name,
    KeyType,
  });
  return [key(partitionKey, 'HASH'), key(sortKey, 'RANGE')];
}
