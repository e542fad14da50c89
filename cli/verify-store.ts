import type { z } from 'zod';
import { type BundleParts, bundleOf } from '../api/view/bundle-of.ts';
import { EvidenceError } from '../core/errors.ts';
import { type EvidenceVerdict, type Trust, verifyBundle } from '../core/evidence/index.ts';
import { checkLog } from '../core/tasks/check-log.ts';
import type { EvidenceOfAll } from './json-shapes.ts';
import type { LocalControlPlane } from './open.ts';

type Report = z.infer<typeof EvidenceOfAll>;

/** Verifies every stream of a store, and the log of all their seals. */
export async function verifyStore(
  { ports, log }: Pick<LocalControlPlane, 'ports' | 'log'>,
  trust: Trust,
): Promise<Report> {
  // What is pinned is pinned for the log: a bundle would need a proof for each.
  const { checkpoint, ...keys } = trust;
  const streams: Report['streams'] = [];
  const control: Report['control'] = [];
  for (const streamId of await ports.store.streams()) {
    const verdict = await verifyStream({ ...ports, log }, streamId, keys);
    const isTransaction = streamId.startsWith('tx:');
    const ok = isTransaction ? holdsSoFar(verdict) : holdsWhileOpen(verdict);
    (isTransaction ? streams : control).push({ streamId, ...verdict, ok });
  }
  const pinned =
    checkpoint === undefined ? [] : [{ name: 'the pinned checkpoint', note: checkpoint }];
  const { store, publicKey, checkpoints } = log;
  const report = await checkLog({ ...ports, log: store, checkpoints }, { publicKey, pinned });
  const ok = report.ok && [...streams, ...control].every((one) => one.ok);
  return { ok, streams, control, log: { ...report, problems: [...report.problems] } };
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
    if (!(error instanceof EvidenceError)) throw error;
    // A seal that is not even an envelope.
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
