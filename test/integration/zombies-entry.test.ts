import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadTransactionMachine } from '../../adapters/embedded/state-machine.ts';
import { start } from '../../core/asl/next.ts';
import { StaleStateError } from '../../core/errors.ts';
import { authorize } from '../../core/tasks/authorize.ts';
import type { Task } from '../../core/tasks/context.ts';
import { execute } from '../../core/tasks/execute.ts';
import { preflight } from '../../core/tasks/preflight.ts';
import { seal } from '../../core/tasks/seal.ts';
import { verify } from '../../core/tasks/verify.ts';
import type { SagaState, Transaction } from '../../core/transaction.ts';
import { caseNamed } from './support/action-cases.ts';
import { tasksWith } from './support/deliveries.ts';
import { replayed } from './support/replaying.ts';
import { makeTestFiles, type TestFiles } from './support/store-dump.ts';
import { expectTruthful } from './support/truth.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const STEPS = ['iam:DetachRolePolicy', 'iam:PutUserPolicy', 'iam:PutRolePolicy'].map(
  (id) => caseNamed(id).step,
);

let files: TestFiles;
let world: TestWorld;
beforeEach(() => {
  files = makeTestFiles();
  world = openTestWorld(files);
});
afterEach(() => {
  world.close();
  files.remove();
});

const refusedWith = async (task: Task, state: SagaState): Promise<void> => {
  const before = [files.dump(), world.account.digest()];
  await expect(task(world.ports, state)).rejects.toThrow(StaleStateError);
  expect([files.dump(), world.account.digest()]).toEqual(before);
};
/** Runs to the end; before each task it is asked for something that is not due. */
const runWith = async (ask: (name: string, state: SagaState) => Promise<void>) => {
  let asked = 0;
  const tasks = tasksWith(async (name, state) => {
    asked += 1;
    await ask(name, state);
  });
  const ended = await world.run(await world.propose(STEPS), tasks);
  expect(ended.status).toBe('committed');
  expect(asked).toBe(2 + 3 * STEPS.length);
  await expectTruthful(world, ended, STEPS);
};

describe('an execution of the current epoch', () => {
  it.each(['execute', 'verify', 'claimed', 'escalate', ''])('cannot enter at `%s`', (next) => {
    const entered = start(loadTransactionMachine(), { transactionId: 'tx-1', epoch: 1, next });

    expect(entered).toMatchObject({ kind: 'failed', error: 'Misrouted' });
  });

  it('cannot execute or verify before it is due', async () => {
    await runWith(async (name, state) => {
      if (name === 'Preflight' || name === 'Authorize') {
        await refusedWith(execute, state);
        await refusedWith(verify, { ...state, stepIndex: state.stepIndex + 1 });
      }
      if (name === 'Preflight' || name === 'Execute') await refusedWith(verify, state);
    });
  });

  it('cannot skip a step', async () => {
    await runWith(async (name, state) => {
      if (name === 'Seal') return;
      for (const ahead of [1, 2, 3]) {
        const skipped = { ...state, stepIndex: state.stepIndex + ahead };
        await refusedWith(execute, skipped);
        await refusedWith(authorize, skipped);
        await refusedWith(verify, skipped);
      }
    });
  });

  it('cannot go back to a step that is done', async () => {
    await runWith(async (name, state) => {
      if (name !== 'Authorize' && name !== 'Execute') return;
      for (let stepIndex = 0; stepIndex < state.stepIndex; stepIndex += 1) {
        await refusedWith(authorize, { ...state, stepIndex });
        await refusedWith(execute, { ...state, stepIndex });
      }
      if (state.stepIndex > 0) await refusedWith(preflight, state);
    });
  });

  it('cannot seal before the outcome', async () => {
    await runWith(async (name, state) => {
      if (name !== 'Seal') await refusedWith(seal, state);
    });
  });

  it('cannot execute with the decision of an older epoch', async () => {
    let interrupted: Transaction | undefined;
    const tasks = tasksWith(async (name, { transactionId }) => {
      if (name === 'Execute' && interrupted === undefined)
        interrupted = await world.load(transactionId);
      if (interrupted !== undefined) throw new StaleStateError('the process ends here');
    });
    await world.run(await world.propose(STEPS), tasks);
    const { id, epoch } = interrupted as unknown as Transaction;
    const next = await world.ports.store.start({
      transactionId: id,
      epoch,
      owner: 'test:1:next',
      leaseUntil: 0,
    });
    const state = { transactionId: id, epoch: next.epoch, stepIndex: 0, next: 'execute' };

    const refused = execute(world.ports, state);

    await expect(refused).rejects.toMatchObject({ code: 'decision-unknown' });
    expect(await world.ports.store.claims(id)).toEqual([]);
    expect(world.account.mutations()).toEqual([]);
    const ended = await world.runWith(world.ports)(await world.load(id));
    expect(ended).toMatchObject({ status: 'rejected', reason: { detail: 'decision-unknown' } });
    // What ran past the state machine is no run that could run again.
    expect(await replayed(world.ports, id)).toMatchObject({ ok: false, divergence: { seq: 6 } });
    await expectTruthful(world, ended, STEPS);
  });
});
