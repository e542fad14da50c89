import type { Checkpoints } from '../ports/checkpoints.ts';
import type { LogStore } from '../ports/log-store.ts';
import type { Signer } from '../ports/signer.ts';
import type { Store } from '../ports/store.ts';
import type { ControlPorts } from './seal-control.ts';

/** What the sequencer touches. */
export interface SequencePorts extends ControlPorts {
  readonly store: Pick<Store, 'records' | 'seals' | 'appendControl' | 'barrier'>;
  readonly log: LogStore;
  readonly checkpoints: Checkpoints;
  /** The log's key: another than the one that seals. */
  readonly logSigner: Signer;
  /** The keys whose seals the log takes in: the one that seals, and those that did before. */
  readonly sealKeyIds: () => Promise<readonly string[]>;
}
