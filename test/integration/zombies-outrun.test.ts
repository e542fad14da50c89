import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Change } from '../../core/ports/store.ts';
import type { Ports } from '../../core/tasks/ports.ts';
import { caseNamed } from './support/action-cases.ts';
import { faultAt } from './support/faults.ts';
import type { OnCall } from './support/observed-session.ts';
import { makeTestFiles, type TestFiles } from './support/store-dump.ts';
import { expectTruthful } from './support/truth.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const STEPS = ['iam:DetachRolePolicy', 'iam:PutUserPolicy'].map((id) => caseNamed(id).step);
const EFFECT_MS = 5000;
/** A one-off action at a point of a run. */
type Interrupt = (transactionId: string) => Promise<void>;

let files: TestFiles;
let worlds: TestWorld[] = [];
beforeEach(() => {
  files = makeTestFiles();
});
afterEach(() => {
  for (const world of worlds) world.close();
  worlds = [];
  files.remove();
});

/** A world on files whose store lets something happen before one write of the first execution. */
const openInterrupted = (
  at: number,
): { world: TestWorld; changes: () => number; on: Interrupts } => {
  let changes = 0;
  const on: Interrupts = { interrupt: async () => undefined };
  const wrap = (ports: Ports): Ports => ({
    ...ports,
    store: {
      ...ports.store,
      async change(change: Change) {
        if (change.expect.epoch === 1) {
          changes += 1;
          if (changes === at) await on.interrupt(change.transactionId);
        }
        return ports.store.change(change);
      },
    },
  });
  const { storePath, accountPath } = files;
  const world = openTestWorld({ storePath, accountPath, wrap });
  worlds.push(world);
  return { world, changes: () => changes, on };
};
interface Interrupts {
  interrupt: Interrupt;
}
const takeOver = (world: TestWorld, transactionId: string, epoch = 1) =>
  world.ports.store.start({ transactionId, epoch, owner: 'test:1:next', leaseUntil: 0 });

const refuseSecond = (world: TestWorld): OnCall =>
  faultAt(
    world.clock,
    { kind: 'refused' },
    {
      isHit: ({ operation }) => operation === 'iam:PutUserPolicy',
    },
  );

const PLANS = [
  ['commits', 'committed', 13],
  ['compensates', 'compensated', 16],
] as const;

describe.each(PLANS)(
  'an execution that %s, outrun before one of its writes',
  (_what, how, most) => {
    const points = Array.from({ length: most }, (_, index) => index + 1);
    it.each(points)('writes nothing more: write %s', async (point) => {
      const { world, on } = openInterrupted(point);
      if (how === 'compensated') world.hooks.onCall = refuseSecond(world);
      let atTakeover: readonly string[] = [];
      const everything = () => [files.dump(), world.account.digest()];
      on.interrupt = async (id) => {
        await takeOver(world, id);
        atTakeover = everything();
      };

      const zombie = await world.run(await world.propose(STEPS));
      const afterZombie = everything();
      const ended = await world.run(zombie);

      expect(afterZombie).toEqual(atTakeover);
      expect(ended.epoch).toBe(3);
      expect(['committed', 'compensated', 'rejected']).toContain(ended.status);
      await expectTruthful(world, ended, STEPS);
    });

    it('has no more writes than were tried', async () => {
      const { world, changes } = openInterrupted(0);
      if (how === 'compensated') world.hooks.onCall = refuseSecond(world);

      const ended = await world.proposeAndRun(STEPS);

      console.info(`${how}: ${changes()} writes`);
      expect(ended.status).toBe(how);
      expect(changes()).toBe(most);
    });
  },
);

describe('an execution that had its session before it was outrun', () => {
  /** Holds the first effect until it is released. */
  const openHeld = (): { world: TestWorld; held: Promise<string>; release: () => void } => {
    const { storePath, accountPath } = files;
    const world = openTestWorld({ storePath, accountPath });
    worlds.push(world);
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let reach: (id: string) => void = () => undefined;
    const held = new Promise<string>((resolve) => {
      reach = resolve;
    });
    let isFirst = true;
    world.hooks.onCall = async (_request, session, call) => {
      if (!session.isEffect || !isFirst) return call();
      isFirst = false;
      reach(session.transactionId);
      await released;
      return call();
    };
    return { world, held, release };
  };

  it('makes its effect in time, but cannot record the answer', async () => {
    const { world, held, release } = openHeld();
    const zombie = world.run(await world.propose(STEPS));
    const id = await held;
    const next = await takeOver(world, id);
    const atTakeover = files.dump();

    release();
    await zombie;
    const afterZombie = files.dump();
    const ended = await world.run(next);

    expect(afterZombie).toBe(atTakeover);
    const [claim] = await world.ports.store.claims(id);
    expect(claim).toMatchObject({ answer: 'recovered', epoch: 1 });
    expect(ended.status).toBe('committed');
    expect(world.account.mutations()).toHaveLength(2);
    await expectTruthful(world, ended, STEPS);
  });

  it('comes too late for its effect when the next execution has gone on', async () => {
    const { world, held, release } = openHeld();
    const zombie = world.run(await world.propose(STEPS));
    const id = await held;
    const ended = await world.run(await world.load(id));
    const before = [files.dump(), world.account.digest()];

    release();
    await zombie;

    expect([files.dump(), world.account.digest()]).toEqual(before);
    expect(world.account.mutations().at(-1)).toMatchObject({
      answer: { error: { code: 'AccessDenied' } },
    });
    const claims = await world.ports.store.claims(id);
    expect(claims.map((claim) => claim.answer)).toEqual(['not-applied', 'applied', 'applied']);
    expect(world.clock.now()).toBeGreaterThanOrEqual((claims[0]?.effectDeadline ?? 0) - EFFECT_MS);
    expect(ended.status).toBe('committed');
    await expectTruthful(world, ended, STEPS);
  });
});
