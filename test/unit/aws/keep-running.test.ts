import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keepRunning } from '../../../adapters/aws/reconciler.ts';
import { ensureStarted, executionName } from '../../../adapters/aws/runner.ts';
import { TransientError } from '../../../core/errors.ts';
import { undo } from '../../../core/tasks/undo.ts';
import type { Transaction } from '../../../core/transaction.ts';
import { ALICE, ASKER, approveSeen } from '../../integration/support/approving.ts';
import { named } from './fake-executions.ts';
import { openReconcilerWorld, type ReconcilerWorld, STEP } from './reconciler-world.ts';

let opened: ReconcilerWorld;
beforeEach(() => {
  opened = openReconcilerWorld();
});
afterEach(() => opened.world.close());

const keep = (transaction: Transaction) => keepRunning(opened.executions.parts, transaction);
const names = () => [...opened.executions.byName.keys()];

describe('a proposed transaction', () => {
  test('is started once, however often and by however many', async () => {
    const proposed = await opened.world.propose([STEP]);

    await Promise.all([keep(proposed), keep(proposed)]);
    await keep(proposed);
    await keep(await opened.world.load(proposed.id));

    expect(names()).toEqual([`${proposed.id}-1`]);
    expect(await opened.world.load(proposed.id)).toMatchObject({ epoch: 1, status: 'proposed' });
  });

  test('that could not be started says so, and is started by the next call', async () => {
    const proposed = await opened.world.propose([STEP]);
    opened.executions.faults.push({ command: 'Start', error: named('ThrottlingException') });

    await expect(keep(proposed)).rejects.toBeInstanceOf(TransientError);
    const started = await ensureStarted(
      opened.executions.parts,
      await opened.world.load(proposed.id),
    );

    expect(started.epoch).toBe(1);
    expect(names()).toEqual([`${proposed.id}-1`]);
    await opened.executions.run(`${proposed.id}-1`);
    expect(await opened.world.load(proposed.id)).toMatchObject({ status: 'committed' });
  });

  test('whose start Step Functions refuses throws that on', async () => {
    const proposed = await opened.world.propose([STEP]);
    opened.executions.faults.push({ command: 'Start', error: named('AccessDeniedException') });

    await expect(keep(proposed)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('whose execution has come and gone in the meantime is not started again', async () => {
    const started = await opened.startedOne();
    opened.execution(executionName(started)).status = 'FAILED';

    const again = await ensureStarted(opened.executions.parts, started);

    expect(again).toEqual(started);
    expect(names()).toEqual([executionName(started)]);
  });

  test('that is final is not started', async () => {
    const { id } = await opened.startedOne();
    await opened.executions.run(`${id}-1`);
    opened.executions.byName.clear();

    await ensureStarted(opened.executions.parts, await opened.world.load(id));
    await keep(await opened.world.load(id));

    expect(names()).toEqual([]);
  });

  test('that is not there is not started', async () => {
    const proposed = await opened.world.propose([STEP]);

    await keep({ ...proposed, id: 'tx-unknown' });

    expect(names()).toEqual([]);
  });
});

describe('a transaction that waits for an approval', () => {
  /** An undo whose execution has found that it must be approved and is about to end. */
  async function waitingUndo(): Promise<Transaction> {
    const done = await opened.startedOne();
    await opened.executions.run(executionName(done));
    const { transaction } = await undo(opened.world.ports, ASKER, done.id);
    const started = await ensureStarted(opened.executions.parts, transaction);
    // Preflight alone: its seal is still to be made.
    await opened.executions.run(executionName(started), 1);
    return opened.world.load(transaction.id);
  }

  test('is left alone until it is granted', async () => {
    const waiting = await waitingUndo();

    await keep(waiting);

    expect(waiting.status).toBe('awaiting-approval');
    expect((await opened.world.load(waiting.id)).epoch).toBe(waiting.epoch);
  });

  test('goes on at once when it is granted, although its old execution still runs', async () => {
    const waiting = await waitingUndo();
    const granted = await approveSeen(opened.world.ports, ALICE, waiting);

    await keep(granted);

    const [, first, second] = names();
    expect([first, second]).toEqual([`${waiting.id}-1`, `${waiting.id}-2`]);
    expect(opened.execution(`${waiting.id}-1`).status).toBe('RUNNING');
    await opened.executions.run(`${waiting.id}-2`);
    await opened.executions.run(`${waiting.id}-1`);
    expect(await opened.world.load(waiting.id)).toMatchObject({
      status: 'committed',
      sealed: true,
      epoch: 2,
    });
  });

  test('granted once runs once, when it is asked for again', async () => {
    const waiting = await waitingUndo();
    const granted = await approveSeen(opened.world.ports, ALICE, waiting);
    const before = opened.world.account.mutations().length;

    await Promise.all([keep(granted), keep(granted)]);
    for (const name of names().slice(2)) await opened.executions.run(name);

    expect(await opened.world.load(waiting.id)).toMatchObject({ status: 'committed' });
    expect(opened.world.account.mutations()).toHaveLength(before + 1);
  });
});
