import { randomBytes } from 'node:crypto';
import type { Ids } from '../../core/ports/ids.ts';

const RANDOM_BYTES = 10;

/** Ids that sort by time: 48 bits of milliseconds, 80 random bits, in hex. */
export function timedIds(now: () => number): Ids {
  return {
    next(prefix) {
      const time = now().toString(16).padStart(12, '0');
      return `${prefix}-${time}${randomBytes(RANDOM_BYTES).toString('hex')}`;
    },
  };
}
