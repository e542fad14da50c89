import { parseEnvelope } from '../evidence/envelope.ts';
import type { Store } from '../ports/store.ts';
import { streamOf } from '../transaction.ts';
import type { Recorded } from './replay.ts';

/** What a store has of a transaction. Throws `EvidenceError` for a seal that is no envelope, and
 * what the store throws for records that are not there. */
export async function recordedOf(
  store: Pick<Store, 'records' | 'seals'>,
  transactionId: string,
): Promise<Recorded> {
  const streamId = streamOf(transactionId);
  const records = await store.records(streamId);
  const seals = (await store.seals(streamId)).map(({ envelope }) => parseEnvelope(envelope));
  return { streamId, records, seals };
}
