import { EvidenceError, InvalidInputError } from '../../core/errors.ts';
import { bytesOfHex } from '../../core/evidence/bytes.ts';
import { openCheckpoint } from '../../core/evidence/checkpoint.ts';
import type { BundleKey, BundleLog, LogProof } from '../../core/evidence/index.ts';
import { readConsistencyProof, readInclusionProof } from '../../core/evidence/log-tree.ts';
import { verifyConsistency } from '../../core/evidence/proof.ts';
import type { LogHead, LogStore } from '../../core/ports/log-store.ts';
import type { StoredSeal } from '../../core/ports/store.ts';
import type { Ports } from '../../core/tasks/ports.ts';

/** The account-wide log, as bundles show it. */
export interface LogOfBundles {
  readonly store: LogStore;
  /** SPKI, DER: of the key that signs its checkpoints. */
  readonly publicKey: Uint8Array;
}

interface LogParts extends Pick<Ports, 'store' | 'crypto'> {
  readonly log: LogOfBundles;
}

/** What one checkpoint of the log shows of a stream. */
export interface LogView {
  readonly publicKey: Uint8Array;
  readonly note: string;
  readonly size: number;
  readonly seals: readonly LogProof[];
  readonly consistency?: NonNullable<BundleLog['consistency']>;
  readonly parts: LogParts;
}

/**
 * Looks at the newest checkpoint: where the first of these seals stand, as far as they are in the
 * log. Undefined while none is. Throws `EvidenceError` (`log-inconsistent`) for a `since` that the
 * log does not continue.
 */
export async function viewLog(
  parts: LogParts,
  seals: readonly StoredSeal[],
  since?: string,
): Promise<LogView | undefined> {
  const { store, log } = parts;
  const head = await log.store.head();
  if (head === undefined) return undefined;
  const proofs: LogProof[] = [];
  for (const { streamId, treeSize } of seals) {
    const position = await log.store.positionOf(streamId, treeSize);
    if (position === undefined || position >= head.size) break;
    proofs.push({ position, proof: await included(parts, position, head.size) });
  }
  if (proofs.length === 0) return undefined;
  const consistency = since === undefined ? undefined : await continued(parts, head, since);
  // Another process may have written the head just now: nobody is shown what a crash takes back.
  await store.barrier();
  const { publicKey } = log;
  const view = { publicKey, note: head.checkpoint, size: head.size, seals: proofs, parts };
  return consistency === undefined ? view : { ...view, consistency };
}

/** Where the log has taken in a key; undefined while it has not. */
export async function keyProof(
  { parts, size }: LogView,
  keyId: string,
): Promise<BundleKey['entry'] | undefined> {
  const entry = await parts.log.store.keyEntry(keyId);
  if (entry === undefined || entry.position >= size) return undefined;
  const { position, statement } = entry;
  return { position, statement, proof: await included(parts, position, size) };
}

function included({ crypto, log }: LogParts, position: number, size: number) {
  return readInclusionProof(crypto, { position, size }, (places) => log.store.nodes(places));
}

/** The proof from an older checkpoint on; none is needed from the same one. */
async function continued(
  { crypto, log }: LogParts,
  head: LogHead,
  since: string,
): Promise<BundleLog['consistency'] | undefined> {
  const older = openCheckpoint(crypto, since, log.publicKey);
  if (older.size > head.size)
    throw new InvalidInputError('checkpoint-newer', 'the log is older than that checkpoint', {
      hint: 'see `interlock evidence verify --all --checkpoint FILE`',
    });
  if (older.size === 0) return undefined;
  const sizes = { size1: older.size, size2: head.size };
  const proof = await readConsistencyProof(crypto, sizes, (places) => log.store.nodes(places));
  const roots = { root1: older.root, root2: bytesOfHex(head.root) };
  if (!verifyConsistency(crypto, { ...sizes, ...roots, proof }))
    throw new EvidenceError('log-inconsistent', 'the log does not continue that checkpoint', {
      hint: 'it was changed or forked: keep the checkpoint, it shows that',
    });
  return older.size === head.size ? undefined : { size: older.size, proof };
}
