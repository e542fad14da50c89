import { setTimeout as wait } from 'node:timers/promises';
import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { number, rowKey, text } from '../../adapters/aws/store-items.ts';
import { partOf } from '../../adapters/aws/store-parts.ts';
import { type Client, createClient } from '../../api/client.ts';
import type { SagaState } from '../../core/transaction.ts';
import { driven, proposed, refusalsOf, stopEverything } from './by-hand.ts';
import { makeAgentRole, sessionTransport } from './callers.ts';
import { openFaultyWorld } from './faulty-world.ts';
import type { IamProxy } from './iam-proxy.ts';
import { iamState, invoke, makeRoles, narrowingPlan, outputOf, WIDE, type World } from './world.ts';

/** For so long a decision can be consumed. */
const DECISION_MS_MAX = 10_000;

let world: World;
let proxy: IamProxy;
let stop: () => Promise<void>;
let agent: Client;
beforeAll(async () => {
  ({ world, proxy, stop } = await openFaultyWorld());
  const transport = await sessionTransport(world, await makeAgentRole(world, 'iam-auditor'));
  // What cannot be started is asked for again, which need not take long.
  agent = createClient({ ...transport, sleep: async () => undefined });
  await world.setKillSwitch('running');
  await stopEverything(world);
});
afterAll(() => stop());

/** Two steps, run up to where a task comes next. */
async function upTo(next: string): Promise<SagaState> {
  const plan = narrowingPlan(await makeRoles(world, 2));
  return driven(world, await proposed(world, agent, plan), next);
}

/** Writes a transaction's row with keys that may do all: no role of the control plane can. */
const forgeRow = (
  { transactionId }: SagaState,
  [name, value]: readonly [string, ReturnType<typeof text>],
) =>
  world.dynamo.send(
    new UpdateItemCommand({
      ...{ TableName: outputOf(world.outputs, 'TransactionsTable'), Key: rowKey(transactionId) },
      ...{ UpdateExpression: 'SET #n = :v', ExpressionAttributeNames: { '#n': name } },
      ExpressionAttributeValues: { ':v': value },
    }),
  );

async function forgePlan(state: SagaState): Promise<void> {
  const { plan } = (await world.store.load(state.transactionId)) ?? {};
  const steps = plan?.steps.map((step) => ({
    ...step,
    input: { ...(step.input as object), PolicyDocument: WIDE.replace('s3:*', '*') },
  }));
  const { pointer, items } = partOf(state.transactionId, { ...plan, steps });
  const TableName = outputOf(world.outputs, 'TransactionsTable');
  for (const Item of items) await world.dynamo.send(new PutItemCommand({ TableName, Item }));
  await forgeRow(state, ['plan', text(pointer)]);
}

interface Refusal {
  readonly of: string;
  readonly error: string;
  readonly code: string;
  readonly prepare: () => Promise<SagaState>;
}

const REFUSED: readonly Refusal[] = [
  {
    of: 'without a decision',
    ...{ error: 'StaleStateError', code: 'stale-state' },
    prepare: async () => ({ ...(await upTo('authorize')), next: 'execute' }),
  },
  {
    of: 'with a decision that was used',
    // Its claim is what has used it.
    ...{ error: 'DecisionError', code: 'claim-exists' },
    async prepare() {
      const state = await upTo('execute');
      await driven(world, state, 'verify');
      await forgeRow(state, ['phase', text('execute')]);
      return state;
    },
  },
  {
    of: 'with a decision that has expired',
    ...{ error: 'DecisionError', code: 'decision-expired' },
    async prepare() {
      const state = await upTo('execute');
      await wait(DECISION_MS_MAX);
      return state;
    },
  },
  {
    of: 'with the decision of another step',
    ...{ error: 'StaleStateError', code: 'stale-state' },
    prepare: async () => ({ ...(await upTo('execute')), stepIndex: 1 }),
  },
  {
    of: 'of a step that another decision is about',
    ...{ error: 'DecisionError', code: 'decision-unknown' },
    async prepare() {
      const state = await upTo('execute');
      await forgeRow(state, ['stepIndex', number(1)]);
      return { ...state, stepIndex: 1 };
    },
  },
  {
    of: 'of an epoch that is over',
    ...{ error: 'StaleStateError', code: 'stale-state' },
    async prepare() {
      const state = await upTo('execute');
      return { ...state, epoch: state.epoch - 1 };
    },
  },
  {
    of: 'with the decision of an epoch that is over',
    ...{ error: 'DecisionError', code: 'decision-unknown' },
    async prepare() {
      const { transactionId, epoch, ...state } = await upTo('execute');
      const leaseUntil = Date.now() + 60_000;
      const row = await world.store.start({ transactionId, epoch, owner: 'test', leaseUntil });
      return { ...state, transactionId, epoch: row.epoch };
    },
  },
  {
    of: 'with another input than was decided',
    ...{ error: 'DecisionError', code: 'decision-mismatch' },
    async prepare() {
      const state = await upTo('execute');
      await forgePlan(state);
      return state;
    },
  },
];

describe('execute, called directly', () => {
  it.each(REFUSED)('$of is refused, which is evidence: $code', async ({ prepare, ...refusal }) => {
    const state = await prepare();
    const calls = proxy.calls.length;
    const before = await iamState(world);
    const claims = await world.store.claims(state.transactionId);

    const { error } = await invoke(world, 'execute', state);

    expect(error).toBe(refusal.error);
    expect(proxy.calls).toHaveLength(calls);
    expect(await iamState(world)).toBe(before);
    expect(await world.store.claims(state.transactionId)).toEqual(claims);
    expect(await refusalsOf(world, state.transactionId)).toEqual([`execute ${refusal.code}`]);
  });

  it('again makes its effect once', async () => {
    const state = await upTo('execute');

    const answers = [
      await invoke(world, 'execute', state),
      await invoke(world, 'execute', state),
    ].map(({ answer }) => answer?.['next']);

    expect(answers).toEqual(['verify', 'verify']);
    expect(await world.store.claims(state.transactionId)).toHaveLength(1);
  });

  it.each(['halt', 'freeze'] as const)('under %s claims nothing on a decision', async (mode) => {
    const state = await upTo('execute');
    const calls = proxy.calls.length;
    await world.setKillSwitch(mode);

    const { error } = await invoke(world, 'execute', state);

    await world.setKillSwitch('running');
    expect(error).toBe('HaltedError');
    expect(proxy.calls).toHaveLength(calls);
    expect(await world.store.claims(state.transactionId)).toEqual([]);
  });
});
