import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { refuse } from '../../core/tasks/approve.ts';
import { ALICE, approveSeen, openUndo } from './support/approving.ts';
import { expectEvidence } from './support/truth.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

let world: TestWorld;
beforeEach(() => {
  world = openTestWorld();
});
afterEach(() => world.close());

describe('an undo that another operator approved', () => {
  test('runs and restores the account', async () => {
    const { waiting, before } = await openUndo(world);

    const approved = await approveSeen(world.ports, ALICE, waiting);
    const ended = await world.run(approved);

    expect(approved.status).toBe('proposed');
    expect(ended).toMatchObject({ status: 'committed', sealed: true });
    expect(world.account.digest()).toBe(before);
    await expectEvidence(world, ended);
  });

  test('is goed on with when whoever approved is gone before the start', async () => {
    const { waiting, before } = await openUndo(world);
    await approveSeen(world.ports, ALICE, waiting);

    await world.clock.sleep(world.ports.timing.leaseMs + 1);
    const [lost] = await world.controlPlane.lost();
    const ended = await world.run(lost ?? waiting);

    expect([lost?.id, ended.status]).toEqual([waiting.id, 'committed']);
    expect(world.account.digest()).toBe(before);
  });
});

describe('an undo that an operator refused', () => {
  test('is rejected, and evidence says by whom and why', async () => {
    const { waiting } = await openUndo(world);
    const after = world.account.digest();

    const refused = await refuse(world.ports, ALICE, { id: waiting.id, reason: 'not needed' });
    const ended = await world.run(refused);

    expect(refused).toMatchObject({ status: 'rejected' });
    expect(ended).toMatchObject({
      reason: { code: 'denied', detail: 'approval-refused' },
      sealed: true,
    });
    const records = await world.records(waiting.id);
    expect(records.find((one) => one.kind === 'refused')).toMatchObject({
      actor: 'operator:alice',
      data: { by: 'operator:alice', reason: 'not needed' },
    });
    expect(world.account.digest()).toBe(after);
    await expectEvidence(world, ended);
  });
});
