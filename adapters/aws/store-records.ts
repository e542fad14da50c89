import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type EvidenceRecord, recordBytes } from '../../core/evidence/record.ts';
import type { StoredSeal } from '../../core/ports/store.ts';
import { type Item, number, numberOf, text, textOf } from './store-items.ts';

/** Bytes of records in one item; an item has at most 400 KB. */
const PACK_BYTES_MAX = 350_000;
/** What the partition key of seals begins with. */
const SEAL_PREFIX = 'seal#';

/** The partition of a stream's seals. */
export function sealPartition(streamId: string): string {
  return `${SEAL_PREFIX}${streamId}`;
}

/** What the partition key of contents begins with. */
const CONTENT_PREFIX = 'content#';

/** The partition of a content's parts. */
export function contentPartition(digest: string): string {
  return `${CONTENT_PREFIX}${digest}`;
}

/** True for the partition of a stream's records. */
export function isStream(partition: string): boolean {
  return !partition.startsWith(SEAL_PREFIX) && !partition.startsWith(CONTENT_PREFIX);
}

/**
 * The items of records that are written in one change: as many in each as fit, for a change has
 * few items and a plan many steps. An item is at the `seq` of its last record, so that all records
 * from one on are in the items from that one on. Throws what `recordBytes` throws.
 */
export function recordItems(records: readonly EvidenceRecord[]): readonly Item[] {
  const packs: { streamId: string; seq: number; size: number; bytes: Uint8Array[] }[] = [];
  for (const record of records) {
    const bytes = recordBytes(record);
    const { streamId, seq } = record;
    const last = packs.at(-1);
    const fits = last !== undefined && last.size + bytes.length <= PACK_BYTES_MAX;
    if (fits && last.streamId === streamId && last.seq === seq - 1) {
      last.bytes.push(bytes);
      last.size += bytes.length;
      last.seq = seq;
    } else packs.push({ streamId, seq, size: bytes.length, bytes: [bytes] });
  }
  return packs.map(({ streamId, seq, bytes }) => ({
    ...evidenceKey(streamId, seq),
    records: { L: bytes.map((one) => ({ B: one })) },
  }));
}

/** The records of a stream's items from one `seq` on, in order. */
export function recordsIn(items: readonly Item[], fromSeq: number): readonly Uint8Array[] {
  return items.flatMap((item) => {
    const bytes = (item['records']?.L ?? []).map((one) => one.B as Uint8Array);
    const first = (numberOf(item, 'seq') as number) - bytes.length + 1;
    return bytes.slice(Math.max(0, fromSeq - first));
  });
}

/** The item of a seal. */
export function sealItem({ streamId, treeSize, envelope, publicKey }: StoredSeal): Item {
  return {
    ...evidenceKey(sealPartition(streamId), treeSize),
    envelope: text(envelope),
    publicKey: { B: publicKey },
  };
}

/** A seal of its item. */
export function sealOf(streamId: string, item: Item): StoredSeal {
  return {
    streamId,
    treeSize: numberOf(item, 'seq') as number,
    envelope: textOf(item, 'envelope') as string,
    publicKey: item['publicKey']?.B as Uint8Array,
  };
}

/** The key of an item of evidence. */
export function evidenceKey(
  pk: string,
  seq: number,
): Readonly<Record<'pk' | 'seq', AttributeValue>> {
  return { pk: text(pk), seq: number(seq) };
}
