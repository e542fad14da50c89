import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { reconcileExecution } from '../../../adapters/aws/reconciler.ts';
import { openUndo } from '../../integration/support/approving.ts';
import { openReconcilerWorld, type ReconcilerWorld } from './reconciler-world.ts';

let opened: ReconcilerWorld;
beforeEach(() => {
  opened = openReconcilerWorld();
});
afterEach(() => opened.world.close());

const hint = (name: string) => reconcileExecution(opened.executions.parts, name);
const names = () => [...opened.executions.byName.keys()];

describe('the hint that an execution has ended', () => {
  test('goes on with its transaction, and once when it comes again later', async () => {
    const { id } = await opened.startedOne();
    await opened.executions.run(`${id}-1`, 3);
    opened.execution(`${id}-1`).status = 'TIMED_OUT';

    const first = await hint(`${id}-1`);
    // The new execution has ended badly too: of that, the old name tells nothing.
    opened.execution(`${id}-2`).status = 'FAILED';
    const second = await hint(`${id}-1`);

    expect(first).toMatchObject({ id, epoch: 2 });
    expect(second).toBeUndefined();
    expect(names()).toEqual([`${id}-1`, `${id}-2`]);
  });

  test('twice at once starts one execution', async () => {
    const { id } = await opened.startedOne();
    opened.execution(`${id}-1`).status = 'TIMED_OUT';

    await Promise.all([hint(`${id}-1`), hint(`${id}-1`)]);

    expect(names()).toEqual([`${id}-1`, `${id}-2`]);
  });

  test('by failing is left to the sweep while its lease holds: it may fail at once again', async () => {
    const { id } = await opened.startedOne();
    opened.execution(`${id}-1`).status = 'FAILED';

    const atOnce = await hint(`${id}-1`);
    await opened.world.clock.sleep(opened.executions.parts.ports.timing.leaseMs + 1);
    const later = await hint(`${id}-1`);

    expect(atOnce).toBeUndefined();
    expect(later).toMatchObject({ id, epoch: 2 });
  });

  test('that is not true changes nothing', async () => {
    const { id } = await opened.startedOne();

    expect(await hint(`${id}-1`)).toBeUndefined();
    expect((await opened.world.load(id)).epoch).toBe(1);
  });

  test.each(['', 'tx-unknown-1', 'no', '-', 'tx-1'])('of %j is ignored', async (name) => {
    await opened.startedOne();

    expect(await hint(name)).toBeUndefined();
    expect(opened.executions.byName.size).toBe(1);
  });

  test('notes that it was stopped by hand, and unwinds', async () => {
    const { id } = await opened.startedOne();
    await opened.executions.run(`${id}-1`, 3);
    opened.execution(`${id}-1`).status = 'ABORTED';

    await hint(`${id}-1`);
    await opened.executions.run(`${id}-2`);

    expect(await opened.world.load(id)).toMatchObject({
      status: 'compensated',
      reason: { code: 'cancelled' },
      cancelled: { by: 'StopExecution' },
    });
  });

  test('of a final transaction seals it, and does nothing when that is done', async () => {
    const { id } = await opened.startedOne();
    opened.canSign = false;
    await opened.executions.run(`${id}-1`);
    opened.execution(`${id}-1`).status = 'ABORTED';
    opened.canSign = true;

    const unsealed = await hint(`${id}-1`);
    await opened.executions.run(`${id}-2`);
    const sealed = await hint(`${id}-2`);

    expect(unsealed).toMatchObject({ id, epoch: 2 });
    expect(sealed).toBeUndefined();
    const { status, cancelled } = await opened.world.load(id);
    expect({ status, cancelled }).toEqual({ status: 'committed', cancelled: undefined });
  });

  test('leaves what is parked under a freeze', async () => {
    const { id } = await opened.startedOne();
    await opened.executions.run(`${id}-1`, 1);
    await opened.moveKillSwitch('freeze');
    await opened.executions.run(`${id}-1`);

    expect(await hint(`${id}-1`)).toBeUndefined();
    expect(await opened.world.load(id)).toMatchObject({ status: 'parked', epoch: 1 });
  });

  test('leaves what waits for an approval', async () => {
    const { id, epoch } = (await openUndo(opened.world)).waiting;

    expect(await hint(`${id}-${epoch}`)).toBeUndefined();
    expect(await opened.world.load(id)).toMatchObject({ status: 'awaiting-approval', epoch });
  });
});
