import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { GetRolePolicyCommand } from '@aws-sdk/client-iam';
import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { executionName } from '../../adapters/aws/runner.ts';
import type { Client } from '../../api/client.ts';
import type { Plan } from '../../core/plan.ts';
import type { Transaction } from '../../core/transaction.ts';
import { agentClient } from './callers.ts';
import { untilHolds } from './emulator/until.ts';
import { openFaultyWorld, pointAtProxy } from './faulty-world.ts';
import { type IamProxy, openIamProxy } from './iam-proxy.ts';
import {
  ended,
  executionArnOf,
  functionNamed,
  historyOf,
  iamState,
  makeRoles,
  NARROW,
  narrowingPlan,
  outputOf,
  reconfigure,
  type World,
} from './world.ts';

/** Longer than a claimed effect may take. */
const HELD_MS = 8000;
/** A sweep comes every minute, and leaves alone what a lease still holds. */
const SWEEP_MS_MAX = 100_000;

let world: World;
let proxy: IamProxy;
/** Between `compensate` and IAM. */
let putsBack: IamProxy;
let stop: () => Promise<void>;
let agent: Client;
beforeAll(async () => {
  ({ world, proxy, stop } = await openFaultyWorld());
  putsBack = await openIamProxy(world.emulator.endpoint);
  await pointAtProxy(world, putsBack, 'compensate');
  agent = await agentClient(world, 'iam-auditor');
  await world.setKillSwitch('running');
});
afterAll(async () => {
  await putsBack.close();
  await stop();
});

async function propose(plan: Plan): Promise<string> {
  return (await agent.propose(plan)).transaction.id;
}

/** Proposes to narrow three roles, the second of which meets a fault; waits until it is called. */
async function proposeWithFault(fault: Parameters<IamProxy['plan']>[2]) {
  const roles = await makeRoles(world, 3);
  const before = await iamState(world);
  const second = roles[1] ?? '';
  proxy.plan('PutRolePolicy', second, fault);
  const id = await propose(narrowingPlan(roles));
  await untilHolds(() => proxy.calls.includes(`PutRolePolicy ${second}`));
  return { id, before, roles };
}

/** Committed with everything narrowed, or compensated with IAM as before: nothing in between. */
async function expectAllOrNothing(
  transaction: Transaction,
  before: string,
  roles: readonly string[],
) {
  const after = await iamState(world);
  if (transaction.status === 'compensated') expect(after).toBe(before);
  else {
    expect(transaction.status).toBe('committed');
    const narrowed = await Promise.all(roles.map((role) => documentOf(role)));
    expect(narrowed).toEqual(roles.map(() => NARROW));
  }
}

async function documentOf(RoleName: string): Promise<string> {
  const command = new GetRolePolicyCommand({ RoleName, PolicyName: 'wide' });
  return decodeURIComponent((await world.iam.send(command)).PolicyDocument ?? '');
}

/** Ends the process that runs a function. */
function killWorkersOf(entry: string): number {
  const name = functionNamed(world, entry);
  const found = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && runs(pid, name));
  for (const pid of found) process.kill(Number(pid), 'SIGKILL');
  return found.length;
}

function runs(pid: string, functionName: string): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const parent = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1];
    return command.includes(functionName) && parent === `${world.emulator.pid}`;
  } catch {
    return false;
  }
}

describe('a transaction whose', () => {
  it('answer is lost ends whole', async () => {
    const { id, before, roles } = await proposeWithFault({ kind: 'lose-answer' });

    const transaction = await ended(world, id);

    console.log(`answer lost: ${transaction.status}`);
    await expectAllOrNothing(transaction, before, roles);
  });

  it('Lambda crashes in the middle of execute ends whole', async () => {
    const { id, before, roles } = await proposeWithFault({ kind: 'hold-answer', ms: HELD_MS });

    const killed = killWorkersOf('execute');

    expect(killed).toBeGreaterThan(0);
    const transaction = await ended(world, id);
    console.log(`Lambda crashed: ${transaction.status}, ${JSON.stringify(transaction.reason)}`);
    await expectAllOrNothing(transaction, before, roles);
  });

  describe('Lambda', () => {
    afterEach(() => reconfigure(world, 'execute', { timeoutSeconds: 900 }));

    it('runs out of time in the middle of execute ends whole', async () => {
      await reconfigure(world, 'execute', { timeoutSeconds: 3 });

      const { id, before, roles } = await proposeWithFault({ kind: 'hold-answer', ms: HELD_MS });

      const transaction = await ended(world, id);
      console.log(`Lambda timed out: ${transaction.status}`);
      await expectAllOrNothing(transaction, before, roles);
    });
  });

  it('Lambda crashes in the middle of compensate ends compensated all the same', async () => {
    const roles = await makeRoles(world, 3);
    const [first = '', , third = ''] = roles;
    const before = await iamState(world);
    proxy.plan('PutRolePolicy', third, { kind: 'refuse', code: 'AccessDenied' });
    putsBack.plan('PutRolePolicy', first, { kind: 'hold-answer', ms: HELD_MS });
    const id = await propose(narrowingPlan(roles));
    await untilHolds(() => putsBack.calls.includes(`PutRolePolicy ${first}`));

    const killed = killWorkersOf('compensate');

    expect(killed).toBeGreaterThan(0);
    await ended(world, id, 'compensated');
    expect(await iamState(world)).toBe(before);
  });

  it('execution is stopped by hand ends compensated, by the reconciler', async () => {
    const { id, before } = await proposeWithFault({ kind: 'hold-answer', ms: HELD_MS });
    const first = await world.store.load(id);
    const executionArn = executionArnOf(world, executionName(first as Transaction));

    await world.sfn.send(new StopExecutionCommand({ executionArn }));

    const transaction = await ended(world, id, 'compensated');
    expect(transaction.epoch).toBeGreaterThan(first?.epoch ?? 0);
    expect(transaction.reason).toMatchObject({ code: 'cancelled' });
    expect(await iamState(world)).toBe(before);
  });

  it('execution is started again changes nothing', async () => {
    const roles = await makeRoles(world, 2);
    const id = await propose(narrowingPlan(roles));
    const transaction = await ended(world, id, 'committed');
    const records = (await world.store.records(`tx:${id}`)).length;
    const calls = proxy.calls.length;

    for (const next of ['preflight', 'authorize', 'compensate', 'seal']) {
      const name = `zombie-${randomUUID()}`;
      const input = { transactionId: id, epoch: transaction.epoch - 1, stepIndex: 0, next };
      const stateMachineArn = outputOf(world.outputs, 'TransactionMachine');
      const start = { stateMachineArn, name, input: JSON.stringify(input) };
      await world.sfn.send(new StartExecutionCommand(start));
      await historyOf(world, name);
    }

    expect(await world.store.load(id)).toEqual(transaction);
    expect(await world.store.records(`tx:${id}`)).toHaveLength(records);
    expect(proxy.calls).toHaveLength(calls);
  });

  it('deadline passes in the middle ends compensated', async () => {
    const roles = await makeRoles(world, 3);
    const before = await iamState(world);
    proxy.plan('PutRolePolicy', roles[1] ?? '', { kind: 'hold-answer', ms: 3000 });

    const id = await propose(narrowingPlan(roles, { deadlineMs: 3500 }));

    const transaction = await ended(world, id, 'compensated');
    expect(transaction.reason).toMatchObject({ code: 'expired' });
    expect(await iamState(world)).toBe(before);
  });

  it('start is lost is found by a sweep and ends committed', async () => {
    const TRANSACTION_MACHINE = outputOf(world.outputs, 'TransactionMachine');
    await reconfigure(world, 'api-agent', {
      variables: { TRANSACTION_MACHINE: `${TRANSACTION_MACHINE}-gone` },
    });
    const plan = narrowingPlan(await makeRoles(world, 1), { deadlineMs: 300_000 });

    await expect(agent.propose(plan, 'lost-start')).rejects.toThrow();

    const lost = await world.store.findByKey('agent:iam-auditor', 'lost-start');
    await untilHolds(async () => {
      await wait(1000);
      return (await world.store.load(lost?.id ?? ''))?.sealed === true;
    }, SWEEP_MS_MAX);
    await ended(world, lost?.id ?? '', 'committed');
  });
});
