import type { z } from 'zod';
import { type BundleParts, bundleOf } from '../api/view/bundle-of.ts';
import { isUnreadable, StoreDamagedError } from '../core/errors.ts';
import { type EvidenceVerdict, type Trust, verifyBundle } from '../core/evidence/index.ts';
import { TRANSACTION_PREFIX } from '../core/evidence/record.ts';
import { checkLog } from '../core/tasks/check-log.ts';
import type { EvidenceOfAll } from './json-shapes.ts';
import type { LocalControlPlane } from './open.ts';
import { verifyPruned } from './verify-pruned.ts';

/** Streams that a report names, at most; it counts them all. */
const NAMED_MAX = 1000;

type Report = z.infer<typeof EvidenceOfAll>;
type Plane = Pick<LocalControlPlane, 'ports' | 'log' | 'retention'>;

/** How a whole store is verified. */
export interface VerifyStoreOptions {
  readonly trust: Trust;
  /** What is wrong with the files; then the report is not ok, whatever the streams say. */
  readonly damage: readonly string[];
  /** Who hears how far each part of it has come. */
  readonly onProgress: (what: string) => (done: number, count: number) => void;
}

/** Verifies every stream of a store, one at a time in memory, and the log of all their seals. What
 * it saw is durable when it returns. */
export async function verifyStore(plane: Plane, options: VerifyStoreOptions): Promise<Report> {
  const { store } = plane.ports;
  // Nobody is shown a bundle: one wait for the report serves where each would wait for itself.
  const unhurried = { ...store, barrier: async () => undefined };
  const report = await verifyAsSeen(
    { ...plane, ports: { ...plane.ports, store: unhurried } },
    options,
  );
  await store.barrier();
  return report;
}

async function verifyAsSeen(
  plane: Plane,
  { trust, damage, onProgress }: VerifyStoreOptions,
): Promise<Report> {
  // What is pinned is pinned for the log: a bundle would need a proof for each.
  const { checkpoint, ...keys } = trust;
  const names = await plane.ports.store.streams();
  const verifyAll = (streams: readonly string[], options: Omit<StreamsOptions, 'trust'>) =>
    verifyStreams(plane, streams, { ...options, trust: keys });
  const transactions = await verifyAll(names.filter(isTransaction), {
    holds: holdsSoFar,
    onProgress: onProgress('verified'),
  });
  const control = await verifyAll(
    names.filter((name) => !isTransaction(name)),
    { holds: holdsWhileOpen, onProgress: onProgress('control streams verified') },
  );
  const pruned = await verifyPruned(plane);
  const log = await verifyLog(plane, checkpoint, onProgress('entries of the log read'));
  const isWhole = [transactions, control].every(({ checked, valid }) => checked === valid);
  const ok = isWhole && damage.length === 0 && pruned.problems.length === 0 && log.ok;
  return { ok, ...transactions, damage: [...damage], control, pruned, log };
}

function isTransaction(streamId: string): boolean {
  return streamId.startsWith(TRANSACTION_PREFIX);
}

interface StreamsOptions {
  readonly trust: Trust;
  readonly holds: (verdict: EvidenceVerdict) => boolean;
  readonly onProgress: (done: number, count: number) => void;
}

async function verifyStreams(
  { ports, log }: Plane,
  names: readonly string[],
  { trust, holds, onProgress }: StreamsOptions,
): Promise<Report['control']> {
  const streams: Report['streams'] = [];
  let valid = 0;
  for (const [index, streamId] of names.entries()) {
    const verdict = await verifyStream({ ...ports, log }, streamId, trust);
    if (holds(verdict)) valid += 1;
    else if (streams.length < NAMED_MAX) streams.push({ streamId, ...verdict, ok: false });
    onProgress(index + 1, names.length);
  }
  return { checked: names.length, valid, streams };
}

async function verifyLog(
  { ports, log }: Plane,
  checkpoint: string | undefined,
  onEntries: (done: number, count: number) => void,
): Promise<Report['log']> {
  const pinned =
    checkpoint === undefined ? [] : [{ name: 'the pinned checkpoint', note: checkpoint }];
  const { store, publicKey, checkpoints } = log;
  try {
    const trust = { publicKey, pinned, onEntries };
    const report = await checkLog({ ...ports, log: store, checkpoints }, trust);
    return { ...report, problems: [...report.problems] };
  } catch (error) {
    if (!(error instanceof StoreDamagedError)) throw error;
    return { ok: false, size: 0, checkpoints: 0, pending: 0, problems: [error.message] };
  }
}

/** Verifies the evidence of one stream of a store. */
export async function verifyStream(
  parts: BundleParts,
  streamId: string,
  trust: Trust,
): Promise<EvidenceVerdict> {
  try {
    return verifyBundle(parts.crypto, await bundleOf(parts, streamId), trust);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    // A seal that is not even an envelope, or a page that is none.
    const integrity = { ok: false, reason: error.message } as const;
    const other = { ok: 'unknown', reason: 'not judged: the evidence cannot be read' } as const;
    return { ok: false, integrity, signer: other, complete: other, outcome: other };
  }
}

/** True for a transaction that has ended, whether the log has its last seal or will take it in. */
export function holdsSoFar(verdict: EvidenceVerdict): boolean {
  return holdsBut(verdict) && verdict.complete.ok !== false;
}

/** True for a control stream, which is open until its day is over: that is no fault. */
function holdsWhileOpen(verdict: EvidenceVerdict): boolean {
  return holdsBut(verdict) || verdict.integrity.ok === 'unknown';
}

function holdsBut({ integrity, signer, outcome }: EvidenceVerdict): boolean {
  return integrity.ok === true && signer.ok === true && outcome.ok === true;
}
