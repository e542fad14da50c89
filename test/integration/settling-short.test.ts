import { afterAll, describe, expect, it } from '@jest/globals';
import { ACTION_CASES } from './support/action-cases.ts';
import { EVENTS, lagsUpTo, runLagging } from './support/lag-runs.ts';
import { expectTruthful } from './support/truth.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** Lag in seconds, how long a read is watched as a part of it, and whether each read lags anew. */
const ROWS = [
  [1, 0, 'as much'],
  [10, 0, 'as much'],
  [60, 0, 'as much'],
  [60, 0.5, 'as much'],
  [60, 0.5, 'up to as much'],
] as const;

console.info(`seed ${SEED}`);
const ends = new Map<string, number>();
afterAll(() => {
  const told = [...ends].map(([status, count]) => `${status} ${count}`).join(', ');
  console.info(`settled for too short a time: ${told}`);
});

describe.each(ACTION_CASES.map((one) => one.id))('%s, settled for less than reads lag', (id) => {
  it.each(ROWS)('never lies at a lag of %s s, %s of it watched, each read %s', async (...row) => {
    const [lagS, part, how] = row;
    for (const event of EVENTS) {
      const lagMs = how === 'as much' ? () => lagS * 1000 : lagsUpTo(lagS * 1000, SEED);
      const settleMs = lagS * 1000 * part;

      const { world, steps, ended } = await runLagging({ id, event, settleMs, lagMs });

      ends.set(ended.status, (ends.get(ended.status) ?? 0) + 1);
      expect(['committed', 'rejected', 'compensated', 'stuck']).toContain(ended.status);
      await expectTruthful(world, ended, steps);
      world.close();
    }
  });
});
