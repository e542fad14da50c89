import { StaleStateError } from '../errors.ts';
import { bytesOfText, hexOf } from '../evidence/bytes.ts';
import { checkpointText, logOrigin, signedCheckpoint } from '../evidence/checkpoint.ts';
import { growLog } from '../evidence/log-tree.ts';
import { leafHash } from '../evidence/merkle.ts';
import type { LogEntry, LogHead } from '../ports/log-store.ts';
import { entriesOf } from './log-entries.ts';
import { requireSoundHead } from './log-head.ts';
import { recordRefusedSeal } from './refused-seal.ts';
import { sealControl } from './seal-control.ts';
import type { SequencePorts } from './sequence-ports.ts';

/** A log has one checkpoint in this time, at most. */
export const CHECKPOINT_INTERVAL_MS = 1000;
/** Seals that one checkpoint takes in. */
export const SEALS_MAX = 4096;
/** Heads of one run, those included that another process signed first. */
const HEADS_MAX = 1000;

/** What to do when the last checkpoint is not a second old: wait, or leave it to another run. */
export type Pace = 'wait' | 'skip';

/**
 * Takes the seals that are not in the log into it, in the order in which they were stored, and
 * publishes a checkpoint of it; seals the control streams first. `wait` takes all that is pending,
 * `skip` makes one checkpoint at most. Returns how many entries came in. Safe to repeat, to stop
 * anywhere, and for several processes at once. Throws `EvidenceError`: for a log that is not what
 * was published of it, and then signs nothing; for a seal that the log cannot take in, after what
 * came before it.
 */
export async function sequence(ports: SequencePorts, pace: Pace): Promise<number> {
  let entered = 0;
  for (let heads = 0; heads < HEADS_MAX; heads += 1) {
    const step = await advance(ports, pace);
    entered += step.entered;
    if (!step.isMore || pace === 'skip') break;
  }
  return entered;
}

interface Step {
  readonly entered: number;
  /** Seals may be left. */
  readonly isMore: boolean;
}

/** One checkpoint further. */
async function advance(ports: SequencePorts, pace: Pace): Promise<Step> {
  const head = await ports.log.head();
  await requireSoundHead(ports, head);
  await publishMissed(ports, head);
  await sealControl(ports);
  const pending = await ports.log.pending(SEALS_MAX);
  if (pending.length === 0 || !(await isTime(ports, head, pace)))
    return { entered: 0, isMore: false };
  const { entries, refusal } = await entriesOf(ports, head?.size ?? 0, pending);
  if (entries.length > 0 && !(await sign(ports, head, entries)))
    return { entered: 0, isMore: true };
  if (refusal === undefined)
    return { entered: entries.length, isMore: pending.length === SEALS_MAX };
  await recordRefusedSeal(ports, refusal);
  throw refusal.error;
}

/** A crash may have come between a head and its publication. */
async function publishMissed(
  { store, checkpoints }: SequencePorts,
  head: LogHead | undefined,
): Promise<void> {
  const published = await checkpoints.newest();
  if (head === undefined || published?.size === head.size) return;
  // Another process has written it and may not have come so far.
  await store.barrier();
  await checkpoints.publish({ size: head.size, note: head.checkpoint });
}

async function isTime(
  { clock }: SequencePorts,
  head: LogHead | undefined,
  pace: Pace,
): Promise<boolean> {
  const since = head === undefined ? CHECKPOINT_INTERVAL_MS : clock.now() - head.at;
  // A clock that was put back shall not stop the log until it comes there again.
  if (since >= CHECKPOINT_INTERVAL_MS || since < 0) return true;
  if (pace === 'skip') return false;
  await clock.sleep(CHECKPOINT_INTERVAL_MS - since);
  return true;
}

/** Signs the log with more entries. INVARIANT: it grows from a head that was found sound, so that
 * the new one is consistent with it. False when another process was first: then nothing was shown. */
async function sign(
  ports: SequencePorts,
  head: LogHead | undefined,
  entries: readonly LogEntry[],
): Promise<boolean> {
  const { crypto, log, logSigner, clock, checkpoints } = ports;
  const leaves = entries.map(({ statement }) => leafHash(crypto, statement));
  const edge = { size: head?.size ?? 0, frontier: head?.frontier ?? [] };
  const { size, root, frontier, nodes } = growLog(crypto, edge, leaves);
  const checkpoint = { origin: logOrigin(logSigner.keyId), size, root };
  const signature = await logSigner.sign(bytesOfText(checkpointText(checkpoint)));
  const note = signedCheckpoint(checkpoint, { ...logSigner, signature });
  const next = { size, root: hexOf(root), frontier, checkpoint: note, at: clock.now() };
  try {
    await log.advance({ fromSize: edge.size, entries, nodes, head: next });
  } catch (error) {
    if (error instanceof StaleStateError) return false;
    throw error;
  }
  await checkpoints.publish({ size, note });
  return true;
}
