import { parseRecord } from '../evidence/record.ts';
import type { JsonObject } from '../json.ts';
import { recordOfFact } from './control.ts';
import type { SealRefusal } from './log-entries.ts';
import type { SequencePorts } from './sequence-ports.ts';

/** Puts on record, once a day, that the log does not take in a seal. Durable when it returns. */
export async function recordRefusedSeal(
  { store, clock }: Pick<SequencePorts, 'store' | 'clock'>,
  { seal: { streamId, treeSize }, error }: SealRefusal,
): Promise<void> {
  const { code, message } = error;
  const data = { call: 'log:Append', streamId, treeSize, code, message };
  const fact = { kind: 'refused', actor: 'control-plane', data } as const;
  const record = recordOfFact(fact, clock.now());
  // The sequencer comes each second, and finds the same each time.
  const today = (await store.records(record.streamId)).map(parseRecord);
  if (today.some((one) => isOf(one.data, data))) return;
  await store.appendControl(record);
  await store.barrier();
}

function isOf(one: JsonObject, other: JsonObject): boolean {
  return ['call', 'streamId', 'treeSize', 'code'].every((name) => one[name] === other[name]);
}
