import { z } from 'zod';
import type { ImageChange } from './archive.ts';

const Image = z.record(z.string(), z.unknown());
const KeyValue = z.union([
  z.object({ S: z.string() }).transform(({ S }) => S),
  z.object({ N: z.string() }).transform(({ N }) => N),
]);
const StreamRecord = z.object({
  eventName: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
  eventSourceARN: z.string(),
  dynamodb: z.object({
    SequenceNumber: z.string(),
    Keys: z.record(z.string(), KeyValue),
    NewImage: Image.exactOptional(),
    OldImage: Image.exactOptional(),
  }),
});

/** A batch of a table's stream, as Lambda hands it over. */
export const StreamEvent = z.object({ Records: z.array(StreamRecord).max(10_000) });
export type StreamEvent = z.infer<typeof StreamEvent>;
type StreamRecord = StreamEvent['Records'][number];

/** What Lambda does not go past: it tries again from the first of these on. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * Handles the changes of a batch in order and stops at the first that fails, which `onFailure` is
 * told; `tables` has the short name of a table by its full one.
 */
export async function handleBatch(
  { Records: records }: StreamEvent,
  parts: {
    readonly tables: Readonly<Record<string, string>>;
    readonly handle: (change: ImageChange) => Promise<void>;
    readonly onFailure: (error: unknown) => void;
  },
): Promise<BatchAnswer> {
  for (const record of records) {
    try {
      await parts.handle(changeOf(record, parts.tables));
    } catch (error) {
      parts.onFailure(error);
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb.SequenceNumber }] };
    }
  }
  return { batchItemFailures: [] };
}

function changeOf(record: StreamRecord, tables: Readonly<Record<string, string>>): ImageChange {
  const { Keys: keys, OldImage: before, NewImage: after } = record.dynamodb;
  // arn:PARTITION:dynamodb:REGION:ACCOUNT:table/NAME/stream/TIME
  const fullName = record.eventSourceARN.split('/')[1] ?? '';
  return {
    table: tables[fullName] ?? fullName,
    kind: record.eventName,
    key: [keys['pk'] ?? '', keys['sk'] ?? keys['seq'] ?? ''],
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}
