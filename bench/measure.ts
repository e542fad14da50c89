/** The value below which a share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Runs `count` jobs, `concurrency` at a time; returns each one's milliseconds and the whole's. */
export async function runConcurrently(
  jobs: { readonly count: number; readonly concurrency: number },
  run: (index: number) => Promise<void>,
): Promise<{ readonly eachMs: readonly number[]; readonly wallMs: number }> {
  const eachMs: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < jobs.count; index = next++) {
      const started = performance.now();
      await run(index);
      eachMs.push(performance.now() - started);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: jobs.concurrency }, worker));
  return { eachMs, wallMs: performance.now() - started };
}

const ROUNDS = 7;

/** Milliseconds that this thread computes, the best of seven rounds: what else runs on the machine
 * does not count. */
export function bestCpuMs(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}
