import type { DatabaseSync } from 'node:sqlite';
import type { Checkpoints } from '../../core/ports/checkpoints.ts';
import type { ControlStreams } from '../../core/ports/control-streams.ts';
import type { LogStore } from '../../core/ports/log-store.ts';
import type { Signer } from '../../core/ports/signer.ts';
import type { Ports } from '../../core/tasks/ports.ts';
import { type Pace, sequence } from '../../core/tasks/sequence.ts';
import type { Barrier } from './barrier.ts';
import { embeddedControlStreams } from './control-streams.ts';
import { embeddedLogStore } from './log-store.ts';

/** What the log of a control plane is made of, besides its store. */
export interface LogOptions {
  /** Signs checkpoints; another key than the one that seals. */
  readonly signer: Signer;
  readonly checkpoints: Checkpoints;
  /** The keys whose seals it takes in; by default the control plane's signer alone. */
  readonly sealKeyIds?: () => Promise<readonly string[]>;
}

/** The account-wide log of one machine. */
export interface EmbeddedLog {
  readonly store: LogStore;
  readonly control: ControlStreams;
  readonly checkpoints: Checkpoints;
  /** SPKI, DER: the one key that an outsider has to trust. */
  readonly publicKey: Uint8Array;
  readonly keyId: string;
  /** See the task; its barriers are no transaction's. */
  sequence(pace: Pace): Promise<number>;
}

/** The log in a store's database. `barrier` is the log's own, so that what it waits for is not
 * counted as a transaction's. */
export function openLog(
  database: DatabaseSync,
  barrier: Barrier,
  { ports, log }: { readonly ports: Ports; readonly log: LogOptions },
): EmbeddedLog {
  const store = embeddedLogStore(database, barrier);
  const control = embeddedControlStreams(database);
  const { signer, crypto, clock } = ports;
  const { checkpoints, signer: logSigner } = log;
  return {
    store,
    control,
    checkpoints,
    publicKey: logSigner.publicKey,
    keyId: logSigner.keyId,
    sequence: (pace) =>
      sequence(
        {
          store: { ...ports.store, barrier: () => barrier.wait() },
          control,
          log: store,
          checkpoints,
          signer,
          logSigner,
          sealKeyIds: log.sealKeyIds ?? (async () => [signer.keyId]),
          crypto,
          clock,
        },
        pace,
      ),
  };
}
