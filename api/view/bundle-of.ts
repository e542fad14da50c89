import { hexOf } from '../../core/evidence/bytes.ts';
import {
  type Bundle,
  type BundleKey,
  type BundleLog,
  parseEnvelope,
} from '../../core/evidence/index.ts';
import type { StoredSeal } from '../../core/ports/store.ts';
import type { Ports } from '../../core/tasks/ports.ts';
import { keyProof, type LogOfBundles, type LogView, viewLog } from './log-proofs.ts';

/** What a bundle is made from. */
export interface BundleParts extends Pick<Ports, 'store' | 'crypto'> {
  /** Absent where nothing is logged. */
  readonly log?: LogOfBundles | undefined;
  /** What the decisions were made on, by digest; absent where none of it is attached. */
  readonly contents?: ContentsOf | undefined;
}

/** Finds the contents that a stream's decisions were made on. */
export type ContentsOf = (
  stream: Pick<Bundle, 'streamId' | 'records' | 'seals'>,
) => Promise<Bundle['contents']>;

/** The evidence of one stream as an outsider receives it, with its place in the log; `since` is the
 * note of an older checkpoint that the log is shown to continue. Throws `EvidenceError` where the
 * log does not continue it. */
export async function bundleOf(
  { store, crypto, log, contents }: BundleParts,
  streamId: string,
  since?: string,
): Promise<Bundle> {
  const seals = await store.seals(streamId);
  const view = log === undefined ? undefined : await viewLog({ store, crypto, log }, seals, since);
  const stream = {
    streamId,
    records: await store.records(streamId),
    seals: seals.map(({ envelope }) => parseEnvelope(envelope)),
  };
  return {
    ...stream,
    keys: await keysOf(crypto, seals, view),
    ...(view === undefined ? {} : { log: logOf(view) }),
    contents: (await contents?.(stream)) ?? {},
  };
}

/** Exactly the keys that the seals name, in the order of their ids. */
async function keysOf(
  crypto: Ports['crypto'],
  seals: readonly StoredSeal[],
  view: LogView | undefined,
): Promise<readonly BundleKey[]> {
  const keys = new Map(
    seals.map(({ publicKey }) => [hexOf(crypto.sha256(publicKey)), publicKey] as const),
  );
  const sorted = [...keys].sort(([one], [other]) => (one < other ? -1 : 1));
  return Promise.all(
    sorted.map(async ([keyId, publicKey]) => {
      const entry = view === undefined ? undefined : await keyProof(view, keyId);
      return entry === undefined ? { publicKey } : { publicKey, entry };
    }),
  );
}

function logOf({ publicKey, note, seals, consistency }: LogView): BundleLog {
  const part = { publicKey, checkpoint: note, seals };
  return consistency === undefined ? part : { ...part, consistency };
}
