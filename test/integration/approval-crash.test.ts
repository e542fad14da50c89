import { expect, test } from '@jest/globals';
import type { Change } from '../../core/ports/store.ts';
import type { Ports } from '../../core/tasks/ports.ts';
import { ALICE, approveSeen, openUndo } from './support/approving.ts';
import { expectEvidence, expectLocks } from './support/truth.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

/** Writes of an approval and its run, at most. */
const WRITES_MAX = 40;

/** Ports of a process that dies at its nth write: before it, or right after. */
function dyingAt(ports: Ports, nth: number, isWritten: boolean): Ports {
  let writes = 0;
  const write = async <Result>(make: () => Promise<Result>): Promise<Result> => {
    writes += 1;
    if (writes < nth) return make();
    if (writes === nth && isWritten) await make();
    throw new Error('the process has died');
  };
  const { store } = ports;
  return {
    ...ports,
    store: {
      ...store,
      change: (change: Change) => write(() => store.change(change)),
      start: (start) => write(() => store.start(start)),
    },
  };
}

/** Approves and runs on ports that may die; true when they did not. */
async function approveAndRun(world: TestWorld, ports: Ports, id: string): Promise<boolean> {
  try {
    const approved = await approveSeen(ports, ALICE, await world.load(id));
    const ended = await world.runWith(ports)(approved);
    return ended.sealed;
  } catch {
    return false;
  }
}

async function recover(world: TestWorld, id: string): Promise<void> {
  await world.clock.sleep(world.ports.timing.leaseMs + world.ports.timing.effectMs + 1);
  for (const one of await world.controlPlane.lost()) await world.run(one);
  const { status } = await world.load(id);
  if (status === 'awaiting-approval') await approveAndRun(world, world.ports, id);
}

test('dying at any write of an approval or its run loses neither', async () => {
  const statuses: string[] = [];
  let isWhole = false;
  for (let nth = 1; !isWhole && nth <= WRITES_MAX; nth += 1) {
    for (const isWritten of [false, true]) {
      const world = openTestWorld();
      const { waiting, before } = await openUndo(world);

      isWhole = await approveAndRun(world, dyingAt(world.ports, nth, isWritten), waiting.id);
      const { status } = await world.load(waiting.id);
      await recover(world, waiting.id);

      const ended = await world.load(waiting.id);
      const records = await world.records(waiting.id);
      const approvals = records.filter((one) => one.kind === 'approved').length;
      // A run that died in the middle may be unwound; never is it half of either.
      const isRestored = world.account.digest() === before;
      statuses.push(`${status} ${ended.status}`);
      expect([nth, approvals, isRestored]).toEqual([nth, 1, ended.status === 'committed']);
      expect([nth, ended.sealed]).toEqual([nth, true]);
      await expectLocks(world, ended);
      await expectEvidence(world, ended);
      world.close();
    }
  }
  expect(isWhole).toBe(true);
  expect(statuses).toContain('awaiting-approval committed');
  expect(statuses).toContain('proposed committed');
  expect(statuses).toContain('running committed');
});
