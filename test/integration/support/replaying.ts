import { LOCATE_ACTIONS } from '../../../actions/iam/locate.ts';
import { loadTransactionMachine } from '../../../adapters/embedded/state-machine.ts';
import { parseEnvelope } from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { type Replay, replay } from '../../../core/replay/replay.ts';
import { TASKS } from '../../../core/tasks/index.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import { streamOf } from '../../../core/transaction.ts';

const PROTOCOL = { machine: loadTransactionMachine(), tasks: TASKS };

/** Replays what a store has of a transaction. */
export async function replayed(ports: Ports, id: string): Promise<Replay> {
  const streamId = streamOf(id);
  const records = await ports.store.records(streamId);
  const seals = (await ports.store.seals(streamId)).map((one) => parseEnvelope(one.envelope));
  const parts = {
    actions: ports.actions,
    crypto: nodeCrypto,
    locateActions: LOCATE_ACTIONS,
    decisionPoint: () => ports.decisionPoint,
  };
  return replay(parts, PROTOCOL, { streamId, records, seals });
}
