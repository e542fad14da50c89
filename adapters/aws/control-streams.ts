import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvariantError } from '../../core/errors.ts';
import type { ControlStreams } from '../../core/ports/control-streams.ts';
import { closingParts } from './control-stream-items.ts';
import { equals } from './expressions.ts';
import { sealParts, sealPositions } from './pending-seals.ts';
import { text, textOf } from './store-items.ts';
import { tableReader } from './store-reads.ts';
import { transact } from './store-transact.ts';
import { OPEN_STREAMS, type TableNames } from './tables.ts';

/** The control streams in the store's tables, for the function that seals them. */
export function dynamoControlStreams({
  client,
  tables,
  now = Date.now,
}: {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}): ControlStreams {
  const transactions = tableReader(client, tables.transactions);
  const nextPosition = sealPositions(now);
  return {
    async open() {
      const items = await transactions.query(equals('pk', text(OPEN_STREAMS)));
      return items.map((item) => textOf(item, 'sk') as string);
    },
    seal: (seal, { isLast }) =>
      transact(client, [
        ...sealParts(tables, seal, nextPosition()),
        ...(isLast ? closingParts(tables, seal) : []),
      ]),
  };
}

/** For a function that seals none. */
export const noControlStreams: ControlStreams = {
  open: async () => [],
  seal: async ({ streamId }) => {
    throw new InvariantError(`\`${streamId}\` must be sealed by another function`);
  },
};
