import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Drift, touchOf } from '../../core/drift/drift.ts';
import type { Transaction } from '../../core/transaction.ts';
import { ACTION_CASES } from './support/action-cases.ts';
import { ALICE, approveSeen, openUndo } from './support/approving.ts';
import {
  attachAgain,
  deleteScoped,
  detach,
  driftOf,
  MINUTE_MS,
  putScoped,
  rewriteScoped,
} from './support/drifting.ts';
import { goWrong } from './support/faults.ts';
import { recreate, remove } from './support/recreate.ts';
import { policyArnOf, smallAccount } from './support/small-account.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

let world: TestWorld;
beforeEach(() => {
  world = openTestWorld();
});
afterEach(() => world.close());

const look = (since = 0): Promise<Drift> => driftOf(world.ports, since);
/** What is not as it was left, in short. */
const found = async (since = 0): Promise<readonly string[]> => {
  const { others } = await look(since);
  return others.map((one) => `${one.found} ${touchOf(one).footprint.split('/team/')[1]}`);
};

describe('no drift', () => {
  test('in an account that nothing was committed to', async () => {
    await world.outside({ operation: detach.action, input: detach.input });

    expect(await look()).toEqual({ footprints: 0, others: [] });
  });

  test('in an account that nobody else touched, whatever was done', async () => {
    const ended = await world.proposeAndRun(ACTION_CASES.map(({ step }) => step));

    expect(ended.status).toBe('committed');
    // The boundary is set, and taken away again.
    expect(await look()).toEqual({ footprints: ACTION_CASES.length - 1, others: [] });
  });

  test('where something else of the same role was changed', async () => {
    await world.proposeAndRun([detach]);
    await world.outside(rewriteScoped);

    expect(await look()).toEqual({ footprints: 1, others: [] });
  });

  test('after a later transaction on the same footprint', async () => {
    await world.proposeAndRun([putScoped]);
    await world.clock.sleep(MINUTE_MS);
    const later = await world.proposeAndRun([deleteScoped]);

    expect(later.status).toBe('committed');
    expect(await look()).toEqual({ footprints: 1, others: [] });
    await world.outside(rewriteScoped);
    const [one] = (await look()).others;
    expect(one).toMatchObject({ found: 'changed', left: { transactionId: later.id } });
  });

  test('after one that was proposed earlier and committed later', async () => {
    const early = await world.propose([detach]);
    await world.clock.sleep(MINUTE_MS);
    const late = await world.proposeAndRun([detach]);
    expect(late.status).toBe('committed');
    await world.clock.sleep(MINUTE_MS);
    await world.outside(attachAgain);
    const ended = await world.run(early);

    expect(ended.status).toBe('committed');
    expect(await look()).toEqual({ footprints: 1, others: [] });
    await world.outside(attachAgain);
    const [one] = (await look()).others;
    expect(one).toMatchObject({ found: 'changed', left: { transactionId: early.id } });
  });

  test('after an undo', async () => {
    const { waiting } = await openUndo(world);
    const undone = await world.run(await approveSeen(world.ports, ALICE, waiting));

    expect(undone.status).toBe('committed');
    expect(await look()).toEqual({ footprints: 1, others: [] });
  });

  test('after one that was compensated, and what was there before it still counts', async () => {
    const done = await world.proposeAndRun([putScoped]);
    await world.clock.sleep(MINUTE_MS);
    refuseEffectsOf('iam:DetachRolePolicy');
    const compensated = await world.proposeAndRun([deleteScoped, detach]);

    expect(compensated.status).toBe('compensated');
    expect(await look()).toEqual({ footprints: 1, others: [] });
    await world.outside(rewriteScoped);
    expect((await look()).others).toMatchObject([
      { found: 'changed', left: { transactionId: done.id } },
    ]);
  });
});

test('is looked for under sessions that read, and changes nothing', async () => {
  await world.proposeAndRun(ACTION_CASES.map(({ step }) => step));
  const [digest, mutations] = [world.account.digest(), world.account.mutations().length];
  const purposes = new Set<string>();
  world.hooks.onCall = (_request, { purpose }, call) => {
    purposes.add(purpose);
    return call();
  };

  await look();

  expect([...purposes]).toEqual(['read']);
  expect([world.account.digest(), world.account.mutations().length]).toEqual([digest, mutations]);
});

describe('drift', () => {
  test.each(ACTION_CASES.filter((one) => one.otherAfter !== undefined))(
    'of $id by somebody else is found and named',
    async ({ step, otherAfter }) => {
      const done = await world.proposeAndRun([step]);
      await world.outside(otherAfter as never);

      const { others } = await look();

      const record = await verifiedOf(done);
      expect(others).toEqual([
        {
          found: 'changed',
          left: expect.objectContaining({
            transactionId: done.id,
            stepIndex: 0,
            seq: record.seq,
            at: Date.parse(record.at),
            by: 'committed',
            state: record.data['after'],
            digest: record.data['afterDigest'],
          }),
          now: expect.objectContaining({
            digest: expect.not.stringMatching(String(record.data['afterDigest'])),
          }),
        },
      ]);
    },
  );

  test('of an attachment, among many that have none', async () => {
    await world.proposeAndRun(ACTION_CASES.map(({ step }) => step));
    await world.outside(attachAgain);

    expect(await found()).toEqual([`changed app/attached/${policyArnOf('wide')}`]);
  });

  test('of a target that was deleted and made again', async () => {
    await world.proposeAndRun([detach]);
    await recreate(world, 'Role');

    expect(await found()).toEqual([`recreated app/attached/${policyArnOf('wide')}`]);
  });

  test('of a target that was deleted', async () => {
    world.close();
    world = openTestWorld({ account: withoutPaths() });
    const done = await world.proposeAndRun([detach]);
    expect(done.status).toBe('committed');
    await remove(world, 'Role');

    expect((await look()).others).toMatchObject([
      { found: 'deleted', left: { transactionId: done.id } },
    ]);
  });

  test('since a time only', async () => {
    await world.proposeAndRun([detach]);
    await world.clock.sleep(MINUTE_MS);
    const since = world.clock.now();
    await world.proposeAndRun([putScoped]);
    await world.outside(attachAgain, rewriteScoped);

    expect(await found(since)).toEqual(['changed app/inline/scoped']);
    expect((await found()).length).toBe(2);
    expect(await look(since + MINUTE_MS)).toEqual({ footprints: 0, others: [] });
  });

  test('counts a transaction that was proposed before that time and committed after', async () => {
    const proposed = await world.propose([detach]);
    await world.clock.sleep(MINUTE_MS);
    const since = world.clock.now();
    await world.clock.sleep(MINUTE_MS);
    await world.run(proposed);
    await world.outside(attachAgain);

    expect(await found(since)).toHaveLength(1);
  });
});

async function verifiedOf({ id }: Transaction) {
  const record = (await world.records(id)).findLast(({ kind }) => kind === 'verified');
  if (record === undefined) throw new Error(`${id} was not verified`);
  return record;
}

function refuseEffectsOf(operation: string): void {
  world.hooks.onCall = (request, { isEffect }, call) =>
    isEffect && request.operation === operation
      ? goWrong({ kind: 'refused' }, world.clock, call)
      : call();
}

/** The small account with its role at the root: what is gone has its ARN there. */
function withoutPaths(): ReturnType<typeof smallAccount> {
  const text = JSON.stringify(smallAccount()).replaceAll('role/team/', 'role/');
  return JSON.parse(
    text.replaceAll('"Path":"/team/"', '"Path":"/"').replaceAll('user/team/', 'user/'),
  );
}
