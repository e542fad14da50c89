import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StepDraft } from '../../core/action.ts';
import { IdempotencyError } from '../../core/errors.ts';
import { TASKS } from '../../core/tasks/index.ts';
import { propose } from '../../core/tasks/propose.ts';
import { memorySigner } from './support/memory-signer.ts';
import { policyArnOf, roleArnOf, roleNameAt, smallAccount } from './support/small-account.ts';
import { openTestWorld, planOf, type TestWorld } from './support/world.ts';

const ROLES = 64;

const detachFrom = (index: number): StepDraft => ({
  action: 'iam:DetachRolePolicy',
  input: { RoleName: roleNameAt(index), PolicyArn: policyArnOf('wide') },
});
const deleteOf = (index: number): StepDraft => ({
  action: 'iam:DeleteRolePolicy',
  input: { RoleName: roleNameAt(index), PolicyName: 'old' },
});

let folder: string;
const worlds: TestWorld[] = [];

/** Two control planes with connections of their own on one folder, as two processes have them. */
const openShared = (roles: number): TestWorld => {
  const world = openTestWorld({
    storePath: join(folder, 'interlock.db'),
    accountPath: join(folder, 'account.db'),
    account: worlds.length === 0 ? smallAccount(roles) : false,
    signer: worlds[0]?.ports.signer ?? memorySigner(),
  });
  worlds.push(world);
  return world;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-locks-'));
});

afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
  rmSync(folder, { recursive: true });
});

describe('two plans on the same role', () => {
  test('one runs, the other is rejected and names the holder', async () => {
    const left = openShared(1);
    const right = openShared(1);
    const first = await left.propose([detachFrom(0)]);
    const second = await right.propose([deleteOf(0)], 'other');

    let loser: Awaited<ReturnType<TestWorld['run']>> | undefined;
    const winner = await left.run(first, {
      ...TASKS,
      async Authorize(ports, state) {
        loser ??= await right.run(second);
        return (TASKS['Authorize'] as (typeof TASKS)[string])(ports, state);
      },
    });

    expect(winner.status).toBe('committed');
    expect(loser?.status).toBe('rejected');
    expect(loser?.reason).toMatchObject({
      code: 'conflict',
      detail: 'resource-locked',
      holder: first.id,
    });
    expect(loser?.reason?.message).toContain(first.id);
    expect(await left.ports.store.lockHolder(roleArnOf(roleNameAt(0)))).toBeUndefined();
  });

  test('the rejected plan passes once the holder has ended', async () => {
    const left = openShared(1);
    const right = openShared(1);

    const first = await left.run(await left.propose([detachFrom(0)]));
    const second = await right.run(await right.propose([deleteOf(0)], 'other'));

    expect([first.status, second.status]).toEqual(['committed', 'committed']);
  });
});

test('64 concurrent transactions on disjoint roles all commit', async () => {
  const world = openShared(ROLES);

  const ended = await Promise.all(
    Array.from({ length: ROLES }, async (_, index) =>
      world.run(await world.propose([detachFrom(index), deleteOf(index)], `key-of-${index}`)),
    ),
  );

  expect(ended.map((one) => one.status)).toEqual(Array(ROLES).fill('committed'));
  expect(world.account.mutations()).toHaveLength(2 * ROLES);
  const verdicts = await Promise.all(ended.map((one) => world.verifyEvidence(one.id)));
  expect(verdicts.every((one) => one.ok)).toBe(true);
});

describe('the same idempotency key', () => {
  const proposal = (steps: readonly StepDraft[]) => ({
    plan: planOf(steps),
    idempotencyKey: 'same',
    actor: 'agent:iam-auditor',
  });

  test('twice in parallel, from two processes, is one transaction', async () => {
    const left = openShared(1);
    const right = openShared(1);

    const proposed = await Promise.all(
      [left, right, left, right].map(({ ports }) => propose(ports, proposal([detachFrom(0)]))),
    );

    const ids = new Set(proposed.map((one) => one.transaction.id));
    expect(ids.size).toBe(1);
    expect(proposed.filter((one) => one.isNew)).toHaveLength(1);
    expect((await left.ports.store.list({ limit: 10 })).transactions).toHaveLength(1);
  });

  test('with another plan is refused and creates nothing', async () => {
    const { ports } = openShared(1);
    await propose(ports, proposal([detachFrom(0)]));

    const other = propose(ports, proposal([deleteOf(0)]));

    await expect(other).rejects.toThrow(IdempotencyError);
    expect((await ports.store.list({ limit: 10 })).transactions).toHaveLength(1);
  });

  test('of another actor is another transaction', async () => {
    const { ports } = openShared(1);
    const one = await propose(ports, proposal([detachFrom(0)]));

    const other = await propose(ports, { ...proposal([detachFrom(0)]), actor: 'agent:another' });

    expect(other.transaction.id).not.toBe(one.transaction.id);
  });
});
