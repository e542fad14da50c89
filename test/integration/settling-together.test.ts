import { describe, expect, it } from '@jest/globals';
import type { Ports } from '../../core/tasks/ports.ts';
import { preflight } from '../../core/tasks/preflight.ts';
import { ACTION_CASES } from './support/action-cases.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const STEPS = ACTION_CASES.map(({ step }) => step);
/** As many as settle at once. */
const AT_ONCE = 8;
const SETTLE_MS = 1000;
const SETTLING_READS = 6;

/** Counts how many sleep at once. */
function watchSleepers() {
  const sleepers = { now: 0, most: 0 };
  const wrap = (ports: Ports): Ports => ({
    ...ports,
    clock: {
      now: () => ports.clock.now(),
      async sleep(ms) {
        sleepers.now += 1;
        sleepers.most = Math.max(sleepers.most, sleepers.now);
        await new Promise((resolve) => setImmediate(resolve));
        await ports.clock.sleep(ms);
        sleepers.now -= 1;
      },
    },
  });
  return { sleepers, wrap };
}

/** Hears of every call to the target under a session that reads. */
function countingReads(onCall: () => Promise<void>) {
  return (ports: Ports): Ports => ({
    ...ports,
    vault: {
      ...ports.vault,
      async read(request) {
        const cloud = await ports.vault.read(request);
        return {
          async call(wanted) {
            await onCall();
            return cloud.call(wanted);
          },
        };
      },
    },
  });
}

/** How many calls one read of a step's footprint takes. */
async function countCalls(step: (typeof STEPS)[number]): Promise<number> {
  let calls = 0;
  const wrap = countingReads(async () => {
    calls += 1;
  });
  const world = openTestWorld({ timing: { settleMs: 0 }, wrap });
  await preflightOnly(world, step);
  world.close();
  return calls;
}

async function preflightOnly(world: TestWorld, step: (typeof STEPS)[number]): Promise<void> {
  const proposed = await world.propose([step]);
  const { id: transactionId, epoch } = await world.ports.store.start({
    transactionId: proposed.id,
    epoch: proposed.epoch,
    owner: 'test',
    leaseUntil: 0,
  });
  await preflight(world.ports, { transactionId, epoch, stepIndex: 0, next: 'preflight' });
}

describe('preflight of a long plan', () => {
  it('has its footprints settle several at once, and commits', async () => {
    const { sleepers, wrap } = watchSleepers();
    const world = openTestWorld({ timing: { settleMs: SETTLE_MS }, wrap });

    const ended = await world.proposeAndRun(STEPS);

    expect(ended.status).toBe('committed');
    expect(sleepers.most).toBe(AT_ONCE);
    expect(await world.verifyEvidence(ended.id)).toMatchObject({ ok: true });
    world.close();
  });

  it('reads one after the other, without a pause, where nothing has to settle', async () => {
    const { sleepers, wrap } = watchSleepers();
    const world = openTestWorld({ timing: { settleMs: 0 }, wrap });

    const ended = await world.proposeAndRun(STEPS);

    expect(ended.status).toBe('committed');
    expect(sleepers.most).toBe(0);
    world.close();
  });

  it('predicts from what it reads last when that has changed since it settled', async () => {
    const [first] = ACTION_CASES;
    if (first === undefined) throw new Error('there is no action');
    const callsOfRead = await countCalls(first.step);
    let calls = 0;
    const wrap = countingReads(async () => {
      calls += 1;
      // It settles in six reads; the next is what the prediction rests on.
      if (calls === SETTLING_READS * callsOfRead + 1) await world.outside(first.otherBefore);
    });
    const world = openTestWorld({ timing: { settleMs: SETTLE_MS }, wrap });

    const ended = await world.proposeAndRun([first.step]);

    const { before } = ended.prepared?.[0] ?? {};
    expect(calls).toBeGreaterThan(2 * SETTLING_READS * callsOfRead);
    expect(ended.status).toBe('committed');
    const untouched = openTestWorld();
    const usual = await untouched.proposeAndRun([first.step]);
    expect(before).not.toEqual(usual.prepared?.[0]?.before);
    untouched.close();
    world.close();
  });
});
