import { AnswerLostError, TransientError } from '../errors.ts';
import type { Ports } from './ports.ts';
import type { Observed } from './step.ts';

/** Reads within one settling time. */
const READS_PER_SETTLE = 5;
/** Settling times until a state that keeps moving is given up. */
const SETTLES_MAX = 8;

/**
 * Reads until the answer has stayed equal for `settleMs`; with 0 one read is settled. Throws
 * `TransientError` (`not-settled`) when it never does, and what `repeatable` throws.
 */
export async function settledRead(
  { clock, timing }: Pick<Ports, 'clock' | 'timing'>,
  readOnce: () => Promise<Observed>,
): Promise<Observed> {
  const read = () => repeatable(readOnce);
  let seen = await read();
  if (timing.settleMs === 0) return seen;
  const pauseMs = Math.ceil(timing.settleMs / READS_PER_SETTLE);
  let equalReads = 0;
  for (let reads = 0; reads < READS_PER_SETTLE * SETTLES_MAX; reads += 1) {
    await clock.sleep(pauseMs);
    const now = await read();
    equalReads = now.digest === seen.digest ? equalReads + 1 : 0;
    seen = now;
    if (equalReads >= READS_PER_SETTLE) return seen;
  }
  throw new TransientError('not-settled', 'the target keeps changing while it is read');
}

/** A read whose answer was lost changed nothing: it may be made again. Throws `TransientError`. */
export async function repeatable<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof AnswerLostError)) throw cause;
    throw new TransientError(cause.code, `a read was not answered: ${cause.message}`, { cause });
  }
}
