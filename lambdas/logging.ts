import { archivedCheckpoints } from '../adapters/aws/checkpoints.ts';
import { dynamoControlStreams, noControlStreams } from '../adapters/aws/control-streams.ts';
import { dynamoLogStore } from '../adapters/aws/log-store.ts';
import { oldestPendingAt } from '../adapters/aws/pending-seals.ts';
import type { LogOfBundles } from '../api/view/log-proofs.ts';
import type { ControlStreams } from '../core/ports/control-streams.ts';
import type { LogStore } from '../core/ports/log-store.ts';
import type { SequencePorts } from '../core/tasks/sequence-ports.ts';
import { dynamo, objects } from './clients.ts';
import { variable } from './environment.ts';
import { once } from './once.ts';
import { openLogSigner, sealKeyIds } from './signing.ts';
import { openPorts, tableNames } from './wiring.ts';

const client = dynamo();

/** The log as bundles show it. */
export async function openLogOfBundles(): Promise<LogOfBundles> {
  const { publicKey } = await openLogSigner();
  return { store: openLogStore(), publicKey };
}

/** The control streams of this deployment. */
export function openControlStreams(): ControlStreams {
  return dynamoControlStreams({ client, tables: tableNames() });
}

/** What the sequencer touches: control streams are sealed by another function. */
export async function openSequencer(): Promise<SequencePorts> {
  const ports = await openPorts({})();
  const bucket = variable('ARCHIVE_BUCKET');
  return {
    ...ports,
    control: noControlStreams,
    log: openLogStore(),
    checkpoints: archivedCheckpoints({ client: objects(), bucket }),
    logSigner: await openLogSigner(),
    sealKeyIds: once(sealKeyIds),
  };
}

/** Since the oldest seal was stored that is not in the log; 0 when all are. */
export async function logLagMs(now: number): Promise<number> {
  const oldest = await oldestPendingAt(client, tableNames());
  return oldest === undefined ? 0 : Math.max(0, now - oldest);
}

function openLogStore(): LogStore {
  return dynamoLogStore({ client, tables: tableNames() });
}
