import { LOCATE_ACTIONS } from '../../../actions/iam/locate.ts';
import { loadTransactionMachine } from '../../../adapters/embedded/state-machine.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import type { Protocol } from '../../../core/replay/execution.ts';
import { recordedOf } from '../../../core/replay/recorded.ts';
import { type Replay, replay } from '../../../core/replay/replay.ts';
import type { ReplayParts } from '../../../core/replay/replay-ports.ts';
import { TASKS } from '../../../core/tasks/index.ts';
import type { Ports } from '../../../core/tasks/ports.ts';

/** What the control plane of a test world runs. */
export const PROTOCOL: Protocol = { machine: loadTransactionMachine(), tasks: TASKS };

/** The parts of a replay of what these ports have decided. */
export function partsOf({ actions, decisionPoint }: Ports): ReplayParts {
  return {
    actions,
    crypto: nodeCrypto,
    locateActions: LOCATE_ACTIONS,
    decisionPoint: () => decisionPoint,
  };
}

/** Replays what a store has of a transaction. */
export async function replayed(ports: Ports, id: string): Promise<Replay> {
  return replay(partsOf(ports), PROTOCOL, await recordedOf(ports.store, id));
}
