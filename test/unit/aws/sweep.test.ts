import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sweep } from '../../../adapters/aws/reconciler.ts';
import { TransientError } from '../../../core/errors.ts';
import { openUndo } from '../../integration/support/approving.ts';
import { named } from './fake-executions.ts';
import { LEASE_MS, openReconcilerWorld, type ReconcilerWorld, STEP } from './reconciler-world.ts';

let opened: ReconcilerWorld;
beforeEach(() => {
  opened = openReconcilerWorld();
});
afterEach(() => opened.world.close());

const sweeping = () => sweep(opened.executions.parts);
/** The ids that a sweep has restarted; nothing may have failed. */
const restarted = async () => {
  const { restarted: found, failed } = await sweeping();
  expect(failed).toEqual([]);
  return found.map(({ id }) => id);
};
const names = () => [...opened.executions.byName.keys()];

describe('a sweep', () => {
  test('leaves alone what runs, what is redriven and what is done', async () => {
    const { id } = await opened.startedOne();
    const running = await restarted();
    opened.execution(`${id}-1`).status = 'PENDING_REDRIVE';
    const redriven = await restarted();
    await opened.executions.run(`${id}-1`);
    const done = await restarted();

    expect([running, redriven, done]).toEqual([[], [], []]);
    expect(await opened.world.load(id)).toMatchObject({
      status: 'committed',
      sealed: true,
      epoch: 1,
    });
    expect(names()).toEqual([`${id}-1`]);
  });

  test('starts what was proposed and never started', async () => {
    const { id } = await opened.world.propose([STEP]);

    const found = await restarted();

    expect(found).toEqual([id]);
    expect(opened.execution(`${id}-1`).input).toMatchObject({ epoch: 1, next: 'preflight' });
  });

  test.each(['FAILED', 'TIMED_OUT', 'SUCCEEDED'] as const)(
    'goes on where an execution that is %s stood',
    async (status) => {
      const { id } = await opened.startedOne();
      await opened.executions.run(`${id}-1`, 3);
      opened.execution(`${id}-1`).status = status;

      const found = await restarted();
      await opened.executions.run(`${id}-2`);

      expect(found).toEqual([id]);
      expect(opened.execution(`${id}-2`).input).toMatchObject({ epoch: 2, next: 'authorize' });
      expect(await opened.world.load(id)).toMatchObject({ status: 'committed', sealed: true });
    },
  );

  test('unwinds what was stopped by hand, also when no event has told of it', async () => {
    const before = opened.world.account.digest();
    const { id } = await opened.startedOne();
    await opened.executions.run(`${id}-1`, 3);
    opened.execution(`${id}-1`).status = 'ABORTED';
    const between = opened.world.account.digest();

    const found = await restarted();
    await opened.executions.run(`${id}-2`);

    expect(found).toEqual([id]);
    expect(await opened.world.load(id)).toMatchObject({
      status: 'compensated',
      cancelled: { by: 'StopExecution' },
    });
    expect(between).not.toBe(before);
    expect(opened.world.account.digest()).toBe(before);
  });

  test('waits for an execution that is not to be found until its lease is over', async () => {
    const { id } = await opened.startedOne();
    opened.executions.byName.clear();

    const within = await restarted();
    await opened.world.clock.sleep(LEASE_MS + 1);
    const after = await restarted();

    expect([within, after]).toEqual([[], [id]]);
    expect(names()).toEqual([`${id}-2`]);
  });

  test('leaves what is parked while the freeze holds, and goes on after it', async () => {
    const { id } = await opened.startedOne();
    await opened.executions.run(`${id}-1`, 1);
    await opened.moveKillSwitch('freeze');
    await opened.executions.run(`${id}-1`);
    const parked = await opened.world.load(id);
    const frozen = await restarted();
    await opened.moveKillSwitch('running');
    const released = await restarted();
    await opened.executions.run(`${id}-2`);

    expect(parked.status).toBe('parked');
    expect([frozen, released]).toEqual([[], [id]]);
    expect(await opened.world.load(id)).toMatchObject({ status: 'committed' });
  });

  test('leaves what waits for an approval, until its deadline', async () => {
    const { waiting } = await openUndo(opened.world);
    const before = await restarted();
    await opened.world.clock.sleep(waiting.plan.deadlineMs + 1);
    const after = await restarted();

    expect([before, after]).toEqual([[], [waiting.id]]);
  });

  test('seals what is final, and says for how long that was open', async () => {
    const { id, createdAt } = await opened.startedOne();
    opened.canSign = false;
    await opened.executions.run(`${id}-1`);
    const open = await opened.world.load(id);
    await opened.world.clock.sleep(90_000);
    const now = opened.world.clock.now();

    const late = await sweeping();
    opened.canSign = true;
    await opened.executions.run(`${id}-2`);
    const none = await sweeping();

    expect(open).toMatchObject({ status: 'committed', sealed: false });
    expect(late).toMatchObject({ restarted: [{ id }], sealLagMs: now - createdAt });
    expect(late.sealLagMs).toBeGreaterThanOrEqual(90_000);
    expect(opened.execution(`${id}-2`).input).toMatchObject({ next: 'seal' });
    expect(none).toEqual({ restarted: [], failed: [], sealLagMs: 0 });
    expect(await opened.world.load(id)).toMatchObject({ status: 'committed', sealed: true });
  });

  test('says no lag of what is not final, however old', async () => {
    await opened.startedOne();
    opened.executions.byName.clear();
    await opened.world.clock.sleep(90_000);

    const { sealLagMs, restarted: found } = await sweeping();

    expect({ sealLagMs, found: found.length }).toEqual({ sealLagMs: 0, found: 1 });
  });

  test('tells what it could not start, and finds it again after the lease', async () => {
    const { id } = await opened.world.propose([STEP]);
    opened.executions.faults.push({ command: 'Start', error: named('ThrottlingException') });

    const { failed, restarted: none } = await sweeping();
    const within = await restarted();
    await opened.world.clock.sleep(LEASE_MS + 1);
    const after = await restarted();

    expect(failed).toEqual([{ id, error: expect.any(TransientError) }]);
    expect([none, within, after]).toEqual([[], [], [id]]);
    expect(names()).toEqual([`${id}-2`]);
  });

  test('takes no silence of Step Functions for an end', async () => {
    const { id } = await opened.startedOne();
    opened.executions.faults.push({ command: 'Describe', error: named('ThrottlingException') });

    const { failed } = await sweeping();

    expect(failed).toEqual([{ id, error: expect.any(TransientError) }]);
    expect((await opened.world.load(id)).epoch).toBe(1);
  });

  test('twice at once starts one execution', async () => {
    const { id } = await opened.startedOne();
    await opened.executions.run(`${id}-1`, 2);
    opened.execution(`${id}-1`).status = 'FAILED';

    await Promise.all([sweeping(), sweeping()]);

    expect(names()).toEqual([`${id}-1`, `${id}-2`]);
    expect((await opened.world.load(id)).epoch).toBe(2);
  });
});
