import { randomUUID } from 'node:crypto';
import {
  DisableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import type { Client } from '../../api/client.ts';
import { parseRecord } from '../../core/evidence/record.ts';
import type { Plan } from '../../core/plan.ts';
import type { SagaState } from '../../core/transaction.ts';
import { clientOptions } from './emulator/emulator.ts';
import { invoke, outputOf, reconfigure, type World } from './world.ts';

/** Tasks of one transaction are fewer. */
const CALLS_MAX = 60;

/** From here on nothing is run but what a test invokes: proposals start nothing, nothing sweeps. */
export async function stopEverything(world: World): Promise<void> {
  const TRANSACTION_MACHINE = `${outputOf(world.outputs, 'TransactionMachine')}-gone`;
  await reconfigure(world, 'api-agent', { variables: { TRANSACTION_MACHINE } });
  const events = new EventBridgeClient(clientOptions(world.emulator));
  const { Rules = [] } = await events.send(new ListRulesCommand({}));
  for (const { Name, ScheduleExpression } of Rules)
    if (ScheduleExpression !== undefined) await events.send(new DisableRuleCommand({ Name }));
}

/** Proposes a plan that nothing runs; the state of its first task. */
export async function proposed(world: World, agent: Client, plan: Plan): Promise<SagaState> {
  const key = randomUUID();
  // Its execution cannot be started, which is said or not.
  await agent.propose(plan, key).catch(() => undefined);
  const transaction = await world.store.findByKey(`agent:${plan.agent}`, key);
  if (transaction === undefined) throw new Error('it was not proposed');
  const { id: transactionId, epoch } = transaction;
  return { transactionId, epoch, stepIndex: 0, next: 'preflight' };
}

/** Invokes the functions of one task after the other, until one of these comes next. */
export async function driven(
  world: World,
  state: SagaState,
  ...until: readonly string[]
): Promise<SagaState> {
  let now = state;
  for (let calls = 0; !until.includes(now.next); calls += 1) {
    if (calls === CALLS_MAX) throw new Error(`it stays at \`${now.next}\``);
    const { answer, error } = await invoke(world, now.next, now);
    if (answer === undefined) throw new Error(`\`${now.next}\` threw ${error}`);
    now = answer as unknown as SagaState;
  }
  return now;
}

/** The codes with which `execute` has refused calls for a transaction, by the control stream. */
export async function refusalsOf({ store }: World, transactionId: string) {
  const streams = (await store.streams()).filter((one) => one.startsWith('control:'));
  const records = await Promise.all(streams.map((stream) => store.records(stream)));
  return records
    .flat()
    .map(parseRecord)
    .filter(({ kind, data }) => kind === 'refused' && data['transactionId'] === transactionId)
    .map(({ data }) => `${data['call']} ${data['code']}`);
}
