import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../core/ports/clock.ts';

/** Turns of the event loop after which nothing that could run is left waiting. */
const IDLE_TURNS = 3;

/** A clock of virtual time: it stands still while anything runs and jumps when everybody sleeps. */
export interface TestClock extends Clock {
  /** Runs work at a time, when some sleep passes over it. */
  at(timeMs: number, work: () => Promise<void>): void;
  /** Work that no sleep has passed over yet. */
  pending(): number;
}

/** Opens a clock at a time, epoch milliseconds. */
export function openTestClock(startMs: number): TestClock {
  let now = startMs;
  let scheduled: { readonly timeMs: number; readonly work: () => Promise<void> }[] = [];
  const runUntil = async (timeMs: number): Promise<void> => {
    for (;;) {
      const [next] = scheduled
        .filter((one) => one.timeMs <= timeMs)
        .sort((left, right) => left.timeMs - right.timeMs);
      if (next === undefined) break;
      scheduled = scheduled.filter((one) => one !== next);
      now = Math.max(now, next.timeMs);
      await next.work();
    }
    now = Math.max(now, timeMs);
  };
  return {
    now: () => now,
    async sleep(ms) {
      const until = now + ms;
      for (let turn = 0; turn < IDLE_TURNS; turn += 1) await setImmediate();
      await runUntil(until);
    },
    at(timeMs, work) {
      scheduled = [...scheduled, { timeMs, work }];
    },
    pending: () => scheduled.length,
  };
}
