import type { Output } from './output.ts';

const INTERVAL_MS = 2000;

/** A listener to long work that prints how far it is on stderr, every two seconds at most. */
export function longWork(
  output: Pick<Output, 'message'>,
  what: string,
  now: () => number = () => performance.now(),
): (done: number, count: number) => void {
  let printedAt = now();
  return (done, count) => {
    if (now() - printedAt < INTERVAL_MS) return;
    printedAt = now();
    output.message(`  ${what}: ${done} of ${count}`);
  };
}
