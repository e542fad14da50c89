import type { Store, StoredSeal } from '../ports/store.ts';

/** The seals of one stream of a store by size, the smallest first; none for a stream that has none. */
export type SealsOf = (streamId: string) => Promise<ReadonlyMap<number, StoredSeal>>;

/** Streams whose seals are kept in memory: a control stream is asked for again and again. */
const STREAMS_MAX = 64;

/** Reads seals stream by stream, as they are asked for. */
export function sealsReader(store: Pick<Store, 'seals'>): SealsOf {
  const known = new Map<string, ReadonlyMap<number, StoredSeal>>();
  return async (streamId) => {
    const found =
      known.get(streamId) ??
      new Map((await store.seals(streamId)).map((one) => [one.treeSize, one] as const));
    known.delete(streamId);
    if (known.size >= STREAMS_MAX) known.delete(known.keys().next().value as string);
    known.set(streamId, found);
    return found;
  };
}
