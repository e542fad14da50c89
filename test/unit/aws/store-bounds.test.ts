import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from '@jest/globals';
import { keyOf, text } from '../../../adapters/aws/store-items.ts';
import { partOf } from '../../../adapters/aws/store-parts.ts';
import { recordItems, recordsIn } from '../../../adapters/aws/store-records.ts';
import { itemBytes, type Part, transact } from '../../../adapters/aws/store-transact.ts';
import { parseRecord } from '../../../core/evidence/record.ts';
import { sampleRecord } from '../../contract/store-samples.ts';

/** "Quotas", DynamoDB developer guide. */
const ITEM_BYTES_MAX = 400 * 1024;

const answers = (...errors: readonly Error[]) => {
  const sent: TransactWriteItemsCommandInput[] = [];
  const left = [...errors];
  const send = async ({ input }: { readonly input: TransactWriteItemsCommandInput }) => {
    sent.push(input);
    const error = left.shift();
    if (error !== undefined) throw error;
  };
  return { sent, client: { send } as unknown as DynamoDBClient };
};
const partWith = (name: string, bytes = 1): Part => ({
  item: { Put: { TableName: 't', Item: { ...keyOf(name, 's'), body: text('x'.repeat(bytes)) } } },
  refuse: (old) => new Error(`${name} is refused: ${old?.['body']?.S}`),
});
const cancelled = (...codes: readonly string[]) =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code, Item: { body: text(Code) } })),
  });

describe('an atomic write', () => {
  it.each([
    ['items', Array.from({ length: 101 }, (_, index) => partWith(`p${index}`))],
    ['bytes', Array.from({ length: 13 }, (_, index) => partWith(`p${index}`, 330_000))],
  ])('of too many %s is refused before it is sent', async (_what, parts) => {
    const { sent, client } = answers();

    await expect(transact(client, parts)).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'change-too-large',
    });
    expect(sent).toEqual([]);
  });

  it('throws what the first refused part says, with the item as it is', async () => {
    const { client } = answers(
      cancelled('None', 'ConditionalCheckFailed', 'ConditionalCheckFailed'),
    );
    const parts = ['a', 'b', 'c'].map((name) => partWith(name));

    await expect(transact(client, parts)).rejects.toThrow('b is refused: ConditionalCheckFailed');
  });

  it.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'is made again after %s, also when another part was refused at that moment',
    async (code) => {
      const { sent, client } = answers(cancelled(code, 'ConditionalCheckFailed'));

      await transact(client, [partWith('a'), partWith('b')]);

      expect(sent).toHaveLength(2);
    },
  );

  it('gives up when other writers are in the way for too long', async () => {
    const conflicts = Array.from({ length: 50 }, () => cancelled('TransactionConflict'));
    const { sent, client } = answers(...conflicts);

    await expect(transact(client, [partWith('a')])).rejects.toMatchObject({
      name: 'TransientError',
      code: 'store-busy',
    });
    expect(sent).toHaveLength(10);
  });

  it('is transient when nobody answers', async () => {
    const { client } = answers(Object.assign(new Error('late'), { name: 'TimeoutError' }));

    await expect(transact(client, [partWith('a')])).rejects.toMatchObject({
      name: 'TransientError',
      code: 'store-unreachable',
    });
  });

  it('throws on what it does not know', async () => {
    const { client } = answers(new TypeError('a defect'));

    await expect(transact(client, [partWith('a')])).rejects.toThrow(TypeError);
  });
});

describe('the items of a large part', () => {
  it.each([0, 2, 349_996, 349_998, 1_000_000, 3_500_000])(
    'of %s bytes fit and are named by what they hold',
    (length) => {
      const value = 'é'.repeat(length / 2);

      const part = partOf('tx-1', value);

      const bytes = part.items.map((item) => item['bytes']?.B ?? new Uint8Array());
      expect(JSON.parse(Buffer.concat(bytes).toString())).toBe(value);
      expect(Math.max(...part.items.map(itemBytes))).toBeLessThan(ITEM_BYTES_MAX);
      expect(partOf('tx-1', value).pointer).toBe(part.pointer);
      expect(partOf('tx-1', `${value}x`).pointer).not.toBe(part.pointer);
    },
  );
});

describe('the items of records', () => {
  const recordsOf = (sizes: readonly number[], first = 0) =>
    sizes.map((size, index) => ({
      ...sampleRecord('tx:tx-1', first + index, 'located'),
      data: { body: 'x'.repeat(size) },
    }));

  it.each([
    [[10], 1],
    [Array.from({ length: 100 }, () => 2_000), 1],
    [[200_000, 200_000], 2],
    [[250_000, 50_000, 100_000, 240_000], 2],
    [Array.from({ length: 15 }, () => 250_000), 15],
  ])('of sizes %j share %s', (sizes, count) => {
    const records = recordsOf(sizes, 3);

    const items = recordItems(records);

    expect(items).toHaveLength(count);
    expect(Math.max(...items.map(itemBytes))).toBeLessThan(ITEM_BYTES_MAX);
    expect(recordsIn(items, 0).map(parseRecord)).toEqual(records);
  });

  it('are read from any place on', () => {
    const items = recordItems(recordsOf([100_000, 100_000, 100_000, 100_000, 100_000], 2));

    for (let from = 0; from <= 7; from += 1) {
      // As the store asks: the items whose last record is at that place or later.
      const wanted = items.filter((item) => Number(item['seq']?.N) >= from);
      const seqs = recordsIn(wanted, from).map((one) => parseRecord(one).seq);
      expect(seqs).toEqual([2, 3, 4, 5, 6].filter((seq) => seq >= from));
    }
  });

  it('are of one stream each', () => {
    const records = [sampleRecord('control:2026-01-01', 0), sampleRecord('control:2026-01-02', 1)];

    expect(recordItems(records)).toHaveLength(2);
  });
});
