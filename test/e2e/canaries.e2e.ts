import { InvokeCommand } from '@aws-sdk/client-lambda';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../../api/client.ts';
import { agentClient, operatorClient } from './callers.ts';
import { createRole } from './emulator/account.ts';
import { createFunction } from './emulator/lambda.ts';
import { openFaultyWorld } from './faulty-world.ts';
import type { IamProxy } from './iam-proxy.ts';
import { allLogs } from './logs.ts';
import { ended, historyOf, makeRoles, narrowingPlan, outputOf, type World } from './world.ts';

/** In the purpose, in a policy document and in the reasons of people. */
const CANARY = 'canary-in-a-plan';
/** Keys of sessions, and of users. */
const CREDENTIALS =
  /\b(ASIA|AKIA)[A-Z0-9]{12,}|SessionToken|SecretAccessKey|sessionToken|secretAccessKey/;

let world: World;
let proxy: IamProxy;
let stop: () => Promise<void>;
let agent: Client;
let operator: Client;
beforeAll(async () => {
  ({ world, proxy, stop } = await openFaultyWorld());
  agent = await agentClient(world, 'iam-auditor');
  operator = await operatorClient(world, 'alice');
  await world.setKillSwitch('running');
});
afterAll(() => stop());

/** A plan whose every payload has the canary. */
async function canaryPlan(roles?: readonly string[]) {
  const plan = narrowingPlan(roles ?? (await makeRoles(world, 2)));
  const steps = plan.steps.map((step) => {
    const input = step.input as Record<string, string>;
    const document = JSON.parse(input['PolicyDocument'] ?? '');
    document.Statement[0].Resource = `arn:aws:s3:::${CANARY}/*`;
    return { ...step, input: { ...input, PolicyDocument: JSON.stringify(document) } };
  });
  return { ...plan, purpose: CANARY, steps };
}

/** One that commits, one that IAM refuses in the middle, one that policy denies, a dry run. */
async function runAll(): Promise<readonly string[]> {
  const committed = await agent.propose(await canaryPlan());
  await ended(world, committed.transaction.id, 'committed');
  const roles = await makeRoles(world, 2);
  const plan = await canaryPlan(roles);
  proxy.plan('PutRolePolicy', roles[1] ?? '', { kind: 'refuse', code: 'LimitExceeded' });
  const compensated = await agent.propose(plan);
  await ended(world, compensated.transaction.id, 'compensated');
  await agent.dryRun(await canaryPlan());
  await expect(agent.propose({ ...plan, agent: 'other' })).rejects.toThrow();
  await operator.moveKillSwitch({ scope: 'all', mode: 'halt', reason: CANARY });
  await expect(agent.propose(await canaryPlan())).rejects.toThrow();
  return [committed.transaction.id, compensated.transaction.id];
}

/** All that is kept of runs, by where it is kept. */
async function kept(): Promise<Readonly<Record<string, string>>> {
  const stateMachineArn = outputOf(world.outputs, 'TransactionMachine');
  const { executions = [] } = await world.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  const histories = await Promise.all(executions.map(({ name = '' }) => historyOf(world, name)));
  const streams = await world.store.streams();
  const records = await Promise.all(streams.map((stream) => world.store.records(stream)));
  return {
    histories: JSON.stringify(histories),
    logs: await allLogs(world),
    'the log of the emulator': world.emulator.log(),
    records: records
      .flat()
      .map((bytes) => new TextDecoder().decode(bytes))
      .join('\n'),
  };
}

const having = (what: RegExp, read: Readonly<Record<string, string>>) =>
  Object.entries(read).flatMap(([name, said]) => (what.test(said) ? [name] : []));

describe('credentials and payloads', () => {
  it('are in no history and no log, and credentials in no record', async () => {
    const ids = await runAll();

    const read = await kept();

    const sizes = Object.entries(read).map(([name, { length }]) => `${name} ${length}`);
    console.log(`characters: ${sizes.join(', ')}`);
    expect(having(CREDENTIALS, read)).toEqual([]);
    // Evidence is what the payload is kept in.
    expect(having(new RegExp(CANARY), read)).toEqual(['records']);
    // They are looked for where they would be.
    for (const id of ids) expect(having(new RegExp(id), read)).toEqual(Object.keys(read));
  });

  it('are found where a function says them', async () => {
    const role = await createRole(world.emulator, { name: 'talker' });
    const text = `exports.handler = async () =>
      console.log('${CANARY}', process.env.AWS_ACCESS_KEY_ID);`;
    const FunctionName = await createFunction(world.emulator, { name: 'talker', role, text });

    await world.lambda.send(new InvokeCommand({ FunctionName }));

    const read = await kept();
    expect(having(CREDENTIALS, read)).toContain('logs');
    expect(having(new RegExp(CANARY), read)).toContain('logs');
  });
});
