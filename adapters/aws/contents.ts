import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { EvidenceError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/hash.ts';
import type { Contents } from '../../core/ports/contents.ts';
import { equals } from './expressions.ts';
import { repeatable } from './sdk-errors.ts';
import { number, numberOf, text } from './store-items.ts';
import { tableReader } from './store-reads.ts';
import { contentPartition } from './store-records.ts';

/** Bytes of a text in one item; an item has at most 400 KB. */
const PART_BYTES_MAX = 350_000;

/** Contents in the evidence table: only ever put, and archived like all of it. */
export function dynamoContents(client: DynamoDBClient, table: string): Contents {
  const evidence = tableReader(client, table);
  const find = async (digest: string): Promise<string | undefined> => {
    const items = await evidence.query(equals('pk', text(contentPartition(digest))));
    const [first] = items;
    // The first part is put last: without it nothing was kept yet.
    if (first === undefined || numberOf(first, 'seq') !== 0) return undefined;
    const found = Buffer.concat(items.map((one) => one['part']?.B as Uint8Array)).toString('utf8');
    if (items.length === numberOf(first, 'parts') && sha256Hex(found) === digest) return found;
    throw new EvidenceError('content-damaged', `the content \`${digest}\` is not whole`);
  };
  return {
    find,
    async keep(content) {
      const digest = sha256Hex(content);
      if ((await find(digest)) !== undefined) return;
      const bytes = Buffer.from(content, 'utf8');
      const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES_MAX));
      for (let seq = parts - 1; seq >= 0; seq -= 1) {
        const part = bytes.subarray(seq * PART_BYTES_MAX, (seq + 1) * PART_BYTES_MAX);
        await putNew(client, table, { digest, seq, parts, part });
      }
    },
  };
}

async function putNew(
  client: DynamoDBClient,
  table: string,
  { digest, seq, parts, part }: { digest: string; seq: number; parts: number; part: Uint8Array },
): Promise<void> {
  const command = new PutItemCommand({
    TableName: table,
    Item: {
      pk: text(contentPartition(digest)),
      seq: number(seq),
      parts: number(parts),
      part: { B: part },
    },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  try {
    await repeatable('store-unreachable', () => client.send(command));
  } catch (error) {
    // Equal digests are equal contents: somebody else was faster.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
