import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ACTION_CASES } from './support/action-cases.ts';
import { type Fault, goWrong } from './support/faults.ts';
import { lagsUpTo } from './support/lag-runs.ts';
import { expectTruthful } from './support/truth.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const RUNS = Number(process.env['RUNS'] ?? 200);
const STEPS = 4;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** Effect calls and reads that may go wrong; a plan without faults makes 4 and about 100. */
const EFFECTS_MAX = 7;
const READS_MAX = 120;
const FLUSH_MS = 60_000;

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom<Fault>(
    { kind: 'transient' },
    { kind: 'refused' },
    { kind: 'lost' },
    { kind: 'done-lost' },
  ),
  // Some arrive after their deadline.
  fc.record({ kind: fc.constant('late' as const), lateMs: fc.integer({ min: 1, max: 7000 }) }),
);
const schedule = fc.record({
  // In an order in which no step widens; or policy would reject most plans.
  steps: fc.subarray([...ACTION_CASES], { minLength: STEPS, maxLength: STEPS }),
  effects: fc.dictionary(fc.nat(EFFECTS_MAX).map(String), fault, {
    minKeys: 1,
    maxKeys: 6,
    size: '+1',
  }),
  reads: fc.dictionary(fc.nat(READS_MAX).map(String), fault, { maxKeys: 1 }),
  lagMs: fc.constantFrom(0, 0, 5000, 60_000),
  settleMs: fc.constantFrom(0, 0, 6000),
});
type Schedule = typeof schedule extends fc.Arbitrary<infer Value> ? Value : never;

const ends = new Map<string, number>();
let faults = 0;
console.info(`seed ${SEED}`);
afterAll(() => {
  const told = [...ends].map(([status, count]) => `${status} ${count}`).join(', ');
  console.info(`${RUNS} schedules, ${faults} faults met: ${told}`);
});

const openScheduled = ({ effects, reads, lagMs, settleMs }: Schedule): TestWorld => {
  const world = openTestWorld({ keepsHistory: true, timing: { settleMs } });
  if (lagMs > 0) world.hooks.lagMs = lagsUpTo(lagMs, SEED);
  let effect = 0;
  let read = 0;
  world.hooks.onCall = async (_request, { isEffect }, call) => {
    const planned = isEffect ? effects[String(effect)] : reads[String(read)];
    if (isEffect) effect += 1;
    else read += 1;
    if (planned === undefined) return call();
    faults += 1;
    return goWrong(planned, world.clock, call);
  };
  return world;
};

describe('a plan of four steps under any schedule of faults', () => {
  it('ends with a status that is true of the account', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (planned) => {
        const world = openScheduled(planned);
        const steps = planned.steps.map((one) => one.step);
        try {
          const ended = await world.proposeAndRun(steps);
          await world.clock.sleep(FLUSH_MS);

          ends.set(ended.status, (ends.get(ended.status) ?? 0) + 1);
          expect(['committed', 'rejected', 'compensated', 'stuck']).toContain(ended.status);
          await expectTruthful(world, ended, steps);
        } finally {
          world.close();
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
