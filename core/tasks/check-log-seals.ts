import type { Store, StoredSeal } from '../ports/store.ts';

/** The seals of every stream of a store: by stream, then by size, the smallest first. */
export type SealsOf = ReadonlyMap<string, ReadonlyMap<number, StoredSeal>>;

/** Reads the seals of every stream that has any. */
export async function readSealsOf(store: Pick<Store, 'streams' | 'seals'>): Promise<SealsOf> {
  const found = new Map<string, ReadonlyMap<number, StoredSeal>>();
  for (const streamId of await store.streams()) {
    const seals = await store.seals(streamId);
    if (seals.length > 0) found.set(streamId, new Map(seals.map((one) => [one.treeSize, one])));
  }
  return found;
}
