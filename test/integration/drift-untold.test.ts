import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Drift, drift, touchOf } from '../../core/drift/drift.ts';
import { AnswerLostError, CloudRefusedError, TransientError } from '../../core/errors.ts';
import type { Ports } from '../../core/tasks/ports.ts';
import { resolve } from '../../core/tasks/resolve.ts';
import type { Transaction } from '../../core/transaction.ts';
import { ASKER } from './support/approving.ts';
import { tasksWith } from './support/deliveries.ts';
import {
  attachAgain,
  deleteScoped,
  detach,
  driftOf,
  MINUTE_MS,
  putScoped,
  putScopedAgain,
  rewriteScoped,
} from './support/drifting.ts';
import { goWrong } from './support/faults.ts';
import { remove } from './support/recreate.ts';
import { policyArnOf, roleArnOf, roleNameAt, smallAccount } from './support/small-account.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

let world: TestWorld;
beforeEach(() => {
  world = openTestWorld();
});
afterEach(() => world.close());

const look = (): Promise<Drift> => driftOf(world.ports);
/** What is not as it was left, in short. */
const found = async (): Promise<readonly string[]> => {
  const { others } = await look();
  return others.map((one) => `${one.found} ${touchOf(one).footprint.split('/team/')[1]}`);
};

describe('what cannot be told is said', () => {
  test.each([
    ['refused', () => new CloudRefusedError('AccessDenied', 'no'), 'AccessDenied'],
    ['throttled', () => new TransientError('throttled', 'busy'), 'throttled'],
    ['lost', () => new AnswerLostError('no-answer', 'reset'), 'no-answer'],
  ])('a read that is %s is no answer', async (_how, error, code) => {
    await world.proposeAndRun([detach, putScoped]);
    world.hooks.onCall = (request, _session, call) =>
      request.operation === 'iam:GetRolePolicy' ? Promise.reject(error()) : call();

    const { others, footprints } = await look();

    expect(footprints).toBe(2);
    expect(others).toMatchObject([
      { found: 'unreadable', touch: { stepIndex: 1 }, error: { code } },
    ]);
  });

  test('a deleted target below a path looks like one that may not be read', async () => {
    await world.proposeAndRun([detach]);
    await remove(world, 'Role');

    expect((await look()).others).toMatchObject([
      { found: 'unreadable', error: { code: 'AccessDenied' } },
    ]);
  });

  test('a defect is no finding', async () => {
    await world.proposeAndRun([detach]);
    world.hooks.onCall = () => Promise.reject(new RangeError('a defect'));

    await expect(look()).rejects.toThrow(RangeError);
  });

  test('a footprint that a running transaction holds is held', async () => {
    await world.proposeAndRun([detach]);
    await world.clock.sleep(MINUTE_MS);
    let seen: readonly unknown[] = [];
    const other = await world.propose([putScoped]);
    const watching = tasksWith(async (name) => {
      if (name !== 'Verify') return;
      await world.outside(attachAgain);
      seen = (await look()).others;
    });
    await world.run(other, watching);

    expect(seen).toMatchObject([{ found: 'held', holder: other.id }]);
    expect(await found()).toEqual([`changed app/attached/${policyArnOf('wide')}`]);
  });

  test.each([
    ['before', ['tx-other']],
    ['after', [undefined, 'tx-other']],
  ])('a footprint that was held %s its state had settled is held', async (_when, holders) => {
    await world.proposeAndRun([detach]);
    await world.outside(attachAgain);
    const answers = [...holders];
    const { store } = world.ports;
    const lockHolder = async () => answers.shift();

    const { others } = await driftOf({ ...world.ports, store: { ...store, lockHolder } });

    expect(others).toMatchObject([{ found: 'held', holder: 'tx-other' }]);
  });

  test('a transaction that ends while it looks is taken into account', async () => {
    await world.proposeAndRun([putScoped]);
    await world.clock.sleep(MINUTE_MS);
    const later = await world.propose([deleteScoped]);
    let isRun = false;
    const { store } = world.ports;
    const racing: Ports = {
      ...world.ports,
      store: {
        ...store,
        async list(query) {
          const page = await store.list(query);
          if (query.status === 'stuck' && !isRun) {
            isRun = true;
            await world.clock.sleep(MINUTE_MS);
            await world.run(later);
          }
          return page;
        },
      },
    };

    expect(await driftOf(racing)).toEqual({ footprints: 1, others: [] });
    expect((await world.load(later.id)).status).toBe('committed');
  });
});

describe('a stuck transaction', () => {
  const stuckAfter = async (): Promise<Transaction> => {
    await world.proposeAndRun([putScoped]);
    await world.clock.sleep(MINUTE_MS);
    let isRefused = false;
    world.hooks.onCall = (request, { isEffect }, call) => {
      if (!isEffect) return call();
      isRefused ||= request.operation === 'iam:DetachRolePolicy';
      return isRefused ? goWrong({ kind: 'refused' }, world.clock, call) : call();
    };
    const ended = await world.proposeAndRun([deleteScoped, detach]);
    world.hooks.onCall = (_request, _session, call) => call();
    expect(ended.status).toBe('stuck');
    return ended;
  };
  const resolveAs = (ended: Transaction, as: 'applied' | 'restored') =>
    resolve(world.ports, ASKER, { id: ended.id, as, reason: 'a test' });

  test('holds its footprints until a person has looked', async () => {
    const ended = await stuckAfter();

    expect((await look()).others).toMatchObject([{ found: 'held', holder: ended.id }]);
  });

  test('resolved as applied has left what it had predicted, by that record', async () => {
    const ended = await stuckAfter();
    await resolveAs(ended, 'applied');
    const seq = (await world.records(ended.id)).findIndex(({ kind }) => kind === 'resolved');

    // The step that was refused for good has left nothing.
    expect(await look()).toEqual({ footprints: 1, others: [] });
    await world.outside(rewriteScoped);
    expect((await look()).others).toMatchObject([
      { found: 'changed', left: { transactionId: ended.id, seq, by: 'resolved' } },
    ]);
  });

  test('resolved as restored has left what was there before it', async () => {
    const ended = await stuckAfter();
    await resolveAs(ended, 'restored');

    // It was not: the operator was wrong, or has not put it back yet.
    expect(await found()).toEqual(['changed app/inline/scoped']);
    await world.outside(putScopedAgain);
    expect(await look()).toEqual({ footprints: 1, others: [] });
  });
});

test('goes through many transactions page by page', async () => {
  world.close();
  const roles = 120;
  world = openTestWorld({ account: smallAccount(roles) });
  for (let index = 0; index < roles; index += 1) {
    const input = { RoleName: roleNameAt(index), PolicyArn: policyArnOf('wide') };
    await world.proposeAndRun([{ action: 'iam:DetachRolePolicy', input }]);
  }
  const input = { RoleName: roleNameAt(3), PolicyArn: policyArnOf('wide') };
  await world.outside({ operation: 'iam:AttachRolePolicy', input });
  const heard: unknown[] = [];

  const report = await drift(world.ports, { since: 0, onProgress: (one) => heard.push(one) });

  expect(report.footprints).toBe(roles);
  expect(report.others).toMatchObject([
    { found: 'changed', left: { resource: roleArnOf('app-3') } },
  ]);
  expect(heard.at(-1)).toEqual({ transactions: roles, looked: roles, footprints: roles });
});
