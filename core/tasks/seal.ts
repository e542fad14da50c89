import { StaleStateError } from '../errors.ts';
import { hexOf } from '../evidence/bytes.ts';
import { leafHash, merkleRoot } from '../evidence/merkle.ts';
import type { StoredSeal } from '../ports/store.ts';
import { isFinal, type Status, streamOf } from '../transaction.ts';
import { requireAgreement } from './agreement.ts';
import { stateOf, type TaskContext, task } from './context.ts';
import { signSeal } from './sign-seal.ts';

/**
 * Signs what the records of a transaction amount to. Recomputes every leaf from the stored bytes
 * and refuses (`EvidenceError`) unless records, decisions and claims agree. A final status gets the
 * last seal; a parked or awaiting one gets a seal that says so and stays open. Safe to repeat.
 */
export const seal = task(async (context) => {
  const { ports, transaction } = context;
  const { status, cursor } = transaction;
  const isOpen = status === 'parked' || status === 'awaiting-approval';
  if (!isOpen && !isFinal(status))
    throw new StaleStateError(`\`${transaction.id}\` is \`${status}\` and has nothing to seal`);
  const next = { ...stateOf(transaction), next: isOpen ? 'parked' : status };
  if (transaction.sealed) return next;
  const made = await makeSeal(context);
  await ports.store.change({
    transactionId: transaction.id,
    expect: { epoch: transaction.epoch, cursor },
    update: isOpen ? { cursor } : { cursor: { ...cursor, phase: 'ended' }, sealed: true },
    records: [],
    writes: made === undefined ? [] : [{ write: 'seal', seal: made }],
  });
  await ports.store.barrier();
  return next;
});

async function makeSeal({ ports, transaction }: TaskContext): Promise<StoredSeal | undefined> {
  const { store, crypto } = ports;
  const { status } = transaction;
  const streamId = streamOf(transaction.id);
  const records = await store.records(streamId);
  const last = (await store.seals(streamId)).at(-1);
  if (last?.treeSize === records.length) return undefined;
  await requireAgreement(ports, transaction, records);
  const leaves = records.map((bytes) => leafHash(crypto, bytes));
  const root = hexOf(merkleRoot(crypto, leaves));
  const treeSize = records.length;
  return signSeal(ports, { streamId, treeSize, root, status: status satisfies Status, last });
}
