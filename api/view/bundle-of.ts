import { type Bundle, parseEnvelope } from '../../core/evidence/index.ts';
import type { Ports } from '../../core/tasks/ports.ts';

/** The evidence of one stream as an outsider receives it. */
export async function bundleOf(
  { store, signer }: Pick<Ports, 'store' | 'signer'>,
  streamId: string,
): Promise<Bundle> {
  const seals = await store.seals(streamId);
  // Exactly the keys that the seals name: one key signs them all.
  const keys = seals.length === 0 ? [] : [{ publicKey: signer.publicKey }];
  return {
    streamId,
    records: await store.records(streamId),
    seals: seals.map(({ envelope }) => parseEnvelope(envelope)),
    keys,
    contents: {},
  };
}
