import { EvidenceError } from '../errors.ts';
import { areEqual, hexOf } from '../evidence/bytes.ts';
import { type Checkpoint, openCheckpoint } from '../evidence/checkpoint.ts';
import { growLog, readConsistencyProof } from '../evidence/log-tree.ts';
import { verifyConsistency } from '../evidence/proof.ts';
import type { LogHead } from '../ports/log-store.ts';
import type { SequencePorts } from './sequence-ports.ts';

type HeadPorts = Pick<SequencePorts, 'crypto' | 'log' | 'checkpoints' | 'logSigner'>;

/**
 * The stored head is the one that was signed, and continues what was published. Throws
 * `EvidenceError`: `log-inconsistent`, `log-rolled-back`, and what `openCheckpoint` throws.
 */
export async function requireSoundHead(ports: HeadPorts, head: LogHead | undefined): Promise<void> {
  const { crypto, checkpoints, logSigner } = ports;
  const signed = head === undefined ? undefined : requireSigned(ports, head);
  const newest = await checkpoints.newest();
  if (newest === undefined) return;
  const published = openCheckpoint(crypto, newest.note, logSigner.publicKey);
  if (signed === undefined || signed.size < published.size) throw rolledBack(published, signed);
  if (!(await isContinued(ports, published, signed)))
    throw inconsistent(`does not continue the checkpoint of ${published.size} entries`);
}

function requireSigned({ crypto, logSigner }: HeadPorts, head: LogHead): Checkpoint {
  const signed = openCheckpoint(crypto, head.checkpoint, logSigner.publicKey);
  const { root } = growLog(crypto, head, []);
  if (signed.size !== head.size || hexOf(signed.root) !== head.root)
    throw inconsistent('is not what its checkpoint says');
  if (!areEqual(root, signed.root)) throw inconsistent('has another root than its nodes');
  return signed;
}

async function isContinued(
  { crypto, log }: HeadPorts,
  older: Checkpoint,
  newer: Checkpoint,
): Promise<boolean> {
  const sizes = { size1: older.size, size2: newer.size };
  const proof = await readConsistencyProof(crypto, sizes, (places) => log.nodes(places));
  const roots = { root1: older.root, root2: newer.root };
  return verifyConsistency(crypto, { ...sizes, ...roots, proof });
}

function rolledBack(published: Checkpoint, stored: Checkpoint | undefined): EvidenceError {
  return new EvidenceError(
    'log-rolled-back',
    `the log has ${stored?.size ?? 0} entries, and a checkpoint of ${published.size} was published`,
    {
      hint: 'restore the newest backup of the data folder: the log cannot go on from an older one',
    },
  );
}

function inconsistent(what: string): EvidenceError {
  return new EvidenceError('log-inconsistent', `the head of the log ${what}`, {
    hint: 'the store was changed: see `interlock evidence verify --all`',
  });
}
