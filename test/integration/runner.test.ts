import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EMBEDDED_TIMING } from '../../adapters/embedded/control-plane.ts';
import { isOwnerAlive, ownerOfProcess } from '../../adapters/embedded/owner.ts';
import { runTransaction } from '../../adapters/embedded/runner.ts';
import { loadTransactionMachine } from '../../adapters/embedded/state-machine.ts';
import { StaleStateError } from '../../core/errors.ts';
import type { Task } from '../../core/tasks/context.ts';
import { TASKS } from '../../core/tasks/index.ts';
import type { Transaction } from '../../core/transaction.ts';
import { caseNamed } from './support/action-cases.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const STEPS = [caseNamed('iam:AttachRolePolicy').step, caseNamed('iam:DetachRolePolicy').step];
const machine = loadTransactionMachine();

let world: TestWorld;

const taskOf = (name: string): Task => TASKS[name] as Task;
const runWith = (transaction: Transaction, parts: Partial<Parameters<typeof runTransaction>[0]>) =>
  runTransaction(
    { machine, tasks: TASKS, ports: world.ports, owner: 'test:1:runner', ...parts },
    transaction,
  );

beforeEach(() => {
  world = openTestWorld();
});

afterEach(() => world.close());

describe('a runner', () => {
  test('that is interrupted stops between two tasks; the next one goes on', async () => {
    const transaction = await world.propose(STEPS);
    const controller = new AbortController();
    const tasks = {
      ...TASKS,
      Execute: async (...args: Parameters<Task>) => {
        controller.abort();
        return taskOf('Execute')(...args);
      },
    };

    const interrupted = await runWith(transaction, { tasks, signal: controller.signal });
    const between = await world.load(transaction.id);
    const ended = await world.run(between);

    expect(interrupted).toBe('interrupted');
    expect(between).toMatchObject({ status: 'running', cursor: { stepIndex: 0, phase: 'verify' } });
    expect(ended).toMatchObject({ status: 'committed', epoch: 2 });
    expect(world.account.mutations()).toHaveLength(2);
  });

  test('that was outrun ends lost and writes nothing more', async () => {
    const transaction = await world.propose(STEPS);
    let winner: Transaction | undefined;
    const tasks = {
      ...TASKS,
      Verify: async (...args: Parameters<Task>) => {
        winner ??= await world.run(await world.load(transaction.id));
        return taskOf('Verify')(...args);
      },
    };

    const ending = await runWith(transaction, { tasks });

    expect(ending).toBe('Lost');
    expect(winner?.status).toBe('committed');
    expect(await world.load(transaction.id)).toEqual(winner);
    expect(world.account.mutations()).toHaveLength(2);
  });

  test('cannot start from a row that was started since', async () => {
    const transaction = await world.propose(STEPS);
    await world.run(transaction);

    await expect(runWith(transaction, {})).rejects.toThrow(StaleStateError);
  });

  test('renews its lease while it runs', async () => {
    const transaction = await world.propose(STEPS);
    const leases: number[] = [];
    const tasks = {
      ...TASKS,
      Verify: async (...args: Parameters<Task>) => {
        await world.clock.sleep(EMBEDDED_TIMING.leaseMs / 2);
        leases.push((await world.load(transaction.id)).leaseUntil ?? 0);
        return taskOf('Verify')(...args);
      },
    };

    await runWith(transaction, { tasks });

    const [first = 0, second = 0] = leases;
    expect(second).toBeGreaterThan(first);
  });

  test('hears what its tasks throw', async () => {
    const transaction = await world.propose(STEPS);
    const heard: string[] = [];
    const tasks = { ...TASKS, Verify: async () => Promise.reject(new TypeError('a defect')) };

    const ending = await runWith(transaction, {
      tasks,
      onError: (state, error) => heard.push(`${state}: ${(error as Error).message}`),
    });

    expect(ending).toBe('Compensated');
    expect(heard).toEqual(['Verify: a defect']);
    expect((await world.load(transaction.id)).reason).toMatchObject({
      code: 'failed',
      detail: 'unexpected',
      message: 'the execution ended with `TypeError`',
    });
  });
});

describe('what nobody runs', () => {
  test('is what a dead process of this host owned, at once', async () => {
    const transaction = await world.propose(STEPS);
    const [host, , random] = ownerOfProcess().split(':');
    // No process has this id: it is above the kernel's largest.
    const dead = `${host}:4999999:${random}`;
    await world.ports.store.start({
      transactionId: transaction.id,
      epoch: 0,
      owner: dead,
      leaseUntil: world.clock.now() + 1000,
    });

    const lost = await world.controlPlane.lost();

    expect(isOwnerAlive(dead)).toBe(false);
    expect(lost.map(({ id }) => id)).toEqual([transaction.id]);
  });

  test('is what a living process owns only after its lease', async () => {
    const transaction = await world.propose(STEPS);
    await world.ports.store.start({
      transactionId: transaction.id,
      epoch: 0,
      owner: ownerOfProcess(),
      leaseUntil: world.clock.now() + 1000,
    });

    const during = await world.controlPlane.lost();
    await world.clock.sleep(1001);
    const after = await world.controlPlane.lost();

    expect(during).toEqual([]);
    expect(after.map(({ id }) => id)).toEqual([transaction.id]);
  });
});
