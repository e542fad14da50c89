import { describe, expect, it } from '@jest/globals';
import { ACTION_CASES } from './support/action-cases.ts';
import { EVENTS, type Event, lagsUpTo, runLagging } from './support/lag-runs.ts';
import { expectTruthful } from './support/truth.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const LAGS_S = [0, 1, 10, 60];
const ABOVE_MS = 500;
const EXPECTED: Readonly<Record<Event, string>> = {
  nothing: 'committed',
  'next-fails': 'compensated',
  transient: 'committed',
  refused: 'compensated',
  lost: 'committed',
  'done-lost': 'committed',
  late: 'committed',
};

console.info(`seed ${SEED}`);

describe.each(ACTION_CASES.map((one) => one.id))('%s, settled for longer than reads lag', (id) => {
  it.each(LAGS_S)('ends right when every read is %s s old', async (lagS) => {
    for (const event of EVENTS) {
      const settleMs = lagS * 1000 + ABOVE_MS;
      const lagMs = () => lagS * 1000;

      const { world, steps, ended } = await runLagging({ id, event, settleMs, lagMs });

      expect([event, ended.status]).toEqual([event, EXPECTED[event]]);
      await expectTruthful(world, ended, steps);
      world.close();
    }
  });

  it('is truthful when each read is of another age up to 60 s', async () => {
    for (const event of ['nothing', 'next-fails', 'done-lost', 'late'] as const) {
      const lagMs = lagsUpTo(60_000, SEED);

      const { world, steps, ended } = await runLagging({ id, event, settleMs: 60_500, lagMs });

      await expectTruthful(world, ended, steps);
      world.close();
    }
  });
});
