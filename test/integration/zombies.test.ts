import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StaleStateError } from '../../core/errors.ts';
import { TASKS } from '../../core/tasks/index.ts';
import type { SagaState, Transaction } from '../../core/transaction.ts';
import { caseNamed } from './support/action-cases.ts';
import { tasksWith } from './support/deliveries.ts';
import { faultAt } from './support/faults.ts';
import { memorySigner } from './support/memory-signer.ts';
import { makeTestFiles, type TestFiles } from './support/store-dump.ts';
import { expectTruthful } from './support/truth.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const STEPS = ['iam:DetachRolePolicy', 'iam:PutUserPolicy'].map((id) => caseNamed(id).step);
const NEXTS = ['preflight', 'authorize', 'execute', 'verify', 'compensate', 'seal', 'wait'];

let files: TestFiles;
let world: TestWorld;
/** Another process on the same files. */
let other: TestWorld;
beforeEach(() => {
  files = makeTestFiles();
  const { storePath, accountPath } = files;
  const signer = memorySigner();
  world = openTestWorld({ storePath, accountPath, signer });
  const { clock } = world;
  other = openTestWorld({ storePath, accountPath, signer, clock, account: false });
});
afterEach(() => {
  other.close();
  world.close();
  files.remove();
});

/** What an outsider can see of everything that is stored. */
const everything = () => `${files.dump()} ${world.account.digest()}`;

/** Lets an execution of an older epoch try every task; returns how many tries there were. */
const tryAsZombie = async (zombie: Transaction, ports = world.ports): Promise<number> => {
  const states: readonly SagaState[] = STEPS.flatMap((_, stepIndex) =>
    NEXTS.map((next) => ({ transactionId: zombie.id, epoch: zombie.epoch, stepIndex, next })),
  );
  const before = everything();
  const made = world.account.mutations().length;
  let tries = 0;
  for (const [name, task] of Object.entries(TASKS)) {
    for (const state of states) {
      tries += 1;
      const error = await task(ports, state).then(
        () => new Error(`${name} was done for a zombie`),
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(StaleStateError);
    }
  }
  expect(world.account.mutations()).toHaveLength(made);
  expect(everything()).toBe(before);
  return tries;
};

const startedBy = (owner: string, { id, epoch }: Transaction) =>
  world.ports.store.start({ transactionId: id, epoch, owner, leaseUntil: 0 });

const ENDS = [
  ['committed', 'pass', 0],
  ['compensated', 'refused', 1],
  ['stuck', 'refused', Number.POSITIVE_INFINITY],
] as const;

describe('an execution of an older epoch', () => {
  it.each(ENDS)('can do nothing at any point of one that ends %s', async (status, how, times) => {
    const proposed = await world.propose(STEPS);
    const zombie = await startedBy('test:1:zombie', proposed);
    if (how === 'refused') {
      // Stuck: also the inverse of the first step is refused.
      const isHit = ({ operation }: { operation: string }) =>
        operation === 'iam:PutUserPolicy' || (times > 1 && operation === 'iam:AttachRolePolicy');
      world.hooks.onCall = faultAt(world.clock, { kind: 'refused' }, { isHit });
    }
    const points: string[] = [];
    let tries = 0;
    const tasks = tasksWith(async (name) => {
      points.push(name);
      tries += await tryAsZombie(zombie);
      tries += await tryAsZombie(zombie, other.ports);
    });

    const ended = await world.run(zombie, tasks);
    tries += await tryAsZombie(zombie);

    console.info(`${status}: ${tries} tries of zombies at ${points.length + 1} points`);
    expect(ended).toMatchObject({ status, epoch: 2, sealed: true });
    expect(points.length).toBeGreaterThanOrEqual(8);
    const from = status === 'stuck' ? STEPS.slice(0, 1) : STEPS;
    await expectTruthful(world, ended, from);
  });

  it('can do nothing between two executions, while nobody runs', async () => {
    const proposed = await world.propose(STEPS);
    const zombie = await startedBy('test:1:zombie', proposed);
    await startedBy('test:1:lost', zombie);

    expect(await tryAsZombie(zombie)).toBeGreaterThan(0);
  });

  it('can neither start nor renew its lease', async () => {
    const proposed = await world.propose(STEPS);
    const zombie = await startedBy('test:1:zombie', proposed);
    await startedBy('test:1:next', zombie);
    const before = everything();
    const { id: transactionId } = zombie;
    const lease = { transactionId, owner: 'test:1:zombie', leaseUntil: world.clock.now() + 1 };

    await expect(startedBy('test:1:zombie', proposed)).rejects.toThrow(StaleStateError);
    await expect(world.ports.store.renewLease({ ...lease, epoch: 1 })).rejects.toThrow(
      StaleStateError,
    );

    expect(everything()).toBe(before);
  });
});
