import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../core/ports/clock.ts';

/** The host's clock. */
export const hostClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms) => {
    await setTimeout(ms);
  },
};
