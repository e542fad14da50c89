import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 50;

/** Waits until it holds, at most 10 s or the bound given; throws when it does not. */
export async function untilHolds(
  holds: () => boolean | Promise<boolean>,
  boundMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + boundMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it did not hold within ${boundMs} ms`);
    await wait(POLL_MS);
  }
}
