import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  PutRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { DeleteRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from '../../api/client.ts';
import type { KillMode } from '../../core/ports/kill-switch.ts';
import { agentClient, endpointOf, operatorClient, operatorToken } from './callers.ts';
import { redeploy } from './deployment.ts';
import { policyOf } from './emulator/account.ts';
import { clientOptions } from './emulator/emulator.ts';
import { untilHolds } from './emulator/until.ts';
import { allLogs } from './logs.ts';
import { fenceOf, type Many, openMany } from './many.ts';
import {
  ended,
  iamState,
  invoke,
  makeRoles,
  narrowingPlan,
  openWorld,
  outputOf,
  roleOf,
} from './world.ts';

/** An authorize that read the parameter just before it was written may still decide. */
const PARAMETER_AGE_MS_MAX = 1000;
/** For so long a decision can be consumed. */
const DECISION_MS_MAX = 10_000;
const CLI = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');

type World = Awaited<ReturnType<typeof openWorld>>;
let world: World;
let agent: Client;
let operator: Client;
let token: string;
let events: EventBridgeClient;
beforeAll(async () => {
  world = await openWorld();
  agent = await agentClient(world, 'iam-auditor');
  operator = await operatorClient(world, 'alice');
  token = await operatorToken(world, 'bob');
  events = new EventBridgeClient(clientOptions(world.emulator));
});
afterAll(() => world.stop());
beforeEach(() => release());

const move = (mode: KillMode) =>
  operator.moveKillSwitch({ scope: 'all', mode, reason: 'a test moves it' });
const release = () => move('running');
const parameter = () => outputOf(world.outputs, 'KillSwitchParameter');
const putParameter = (Value: string) =>
  world.ssm.send(
    new PutParameterCommand({
      ...{ Name: parameter(), Value, Type: 'String', Overwrite: true },
    }),
  );
const cli = (...words: readonly string[]) => {
  const endpoint = endpointOf(world, 'OperatorApi');
  const args = [CLI, 'kill', ...words, '--reason', 'a test', '--yes', '--endpoint', endpoint];
  const env = { ...process.env, INTERLOCK_TOKEN: token };
  return promisify(execFile)(process.execPath, args, { env });
};
const expectHalted = async () => {
  const plan = narrowingPlan(await makeRoles(world, 1));
  await expect(agent.propose(plan)).rejects.toMatchObject({ name: 'HaltedError' });
};

/** Every transaction had effects ahead, and none has been claimed since `seen`. */
async function expectNoClaimSince(many: Many, seen: readonly { attemptId: string }[]) {
  const claims = await many.claims();
  const known = new Set(seen.map(({ attemptId }) => attemptId));

  expect(seen.length).toBeLessThan(many.effects);
  expect(claims.filter(({ attemptId }) => !known.has(attemptId))).toEqual([]);
}

describe('the kill switch, engaged while many run, by', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['the API', () => move('halt')],
    ['the CLI', () => cli('engage', '--mode', 'halt', '--scope', 'all')],
  ])('%s lets no effect begin any more, and all is put back', async (way, engage) => {
    const many = await openMany(world, agent);

    await engage();

    const engagedAt = Date.now();
    const seen = await many.claims();
    const open = seen.filter(({ answer }) => answer === undefined).length;
    const all = await many.ended();
    const last = (await many.claimedAt()).at(-1) ?? 0;
    console.log(
      `${way}: ${seen.length} of ${many.effects} effects claimed, ${open} of them unanswered, ` +
        `the last ${engagedAt - last} ms before it returned; ${statusesOf(all)}`,
    );
    await expectNoClaimSince(many, seen);
    expect(all.every(({ reason }) => reason?.code === 'halted')).toBe(true);
    expect(await iamState(world)).toBe(many.before);
    await expectHalted();
  });

  it('a person who writes `halt` to SSM lets none begin once it was seen, and all is put back', async () => {
    const many = await openMany(world, agent);

    await putParameter('halt');

    const writtenAt = Date.now();
    await untilHolds(async () => (await fenceOf(world)) === 'halt');
    const followedAt = Date.now();
    const seen = await many.claims();
    const all = await many.ended();
    const decidedAt = (await many.decidedAt()).at(-1) ?? 0;
    const claimedAt = (await many.claimedAt()).at(-1) ?? 0;
    console.log(
      `SSM: the fence moved within ${followedAt - writtenAt} ms; last decision ` +
        `${decidedAt - writtenAt} ms, last claim ${claimedAt - writtenAt} ms after it; ` +
        `${seen.length} of ${many.effects} effects claimed; ${statusesOf(all)}`,
    );
    await expectNoClaimSince(many, seen);
    expect(decidedAt - writtenAt).toBeLessThanOrEqual(PARAMETER_AGE_MS_MAX);
    expect(claimedAt - writtenAt).toBeLessThanOrEqual(PARAMETER_AGE_MS_MAX + DECISION_MS_MAX);
    expect(all.every(({ reason }) => reason?.code === 'halted')).toBe(true);
    expect(await iamState(world)).toBe(many.before);

    await putParameter('running');

    await expectHalted();
    expect(await fenceOf(world)).toBe('halt');
  });
});

describe('a freeze', () => {
  it('parks what runs, as it stands, until it is released and resumed', async () => {
    const many = await openMany(world, agent);

    await putParameter('{"all":"freeze"}');

    const isAtRest = async () => (await many.statuses()).every((one) => RESTING.has(one));
    await untilHolds(isAtRest, 60_000);
    const parked = many.ids.filter(isParkedIn(await many.statuses()));
    const frozen = await iamState(world);
    console.log(`freeze: ${parked.length} of ${many.ids.length} are parked`);
    expect(parked.length).toBeGreaterThan(1);
    expect(frozen).not.toBe(many.before);

    await putParameter('running');
    await invoke(world, 'reconcile', {});

    expect(many.ids.filter(isParkedIn(await many.statuses()))).toEqual(parked);
    expect(await iamState(world)).toBe(frozen);
    const [first = '', ...others] = parked;

    await release();
    await operator.resume(first);
    await ended(world, first, 'committed');
    // What a sweep does, which comes every minute.
    await invoke(world, 'reconcile', {});
    for (const id of others) await ended(world, id, 'committed');
  });
});

/** SSM of the emulator sends no event, and nobody else may put one of its source. */
async function listenTo(source: string): Promise<void> {
  const { Rules = [] } = await events.send(new ListRulesCommand({}));
  const rule = Rules.find(({ EventPattern = '' }) => EventPattern.includes('Parameter Store'));
  const EventPattern = rule?.EventPattern?.replace('aws.ssm', source);
  await events.send(new PutRuleCommand({ Name: rule?.Name, EventPattern }));
}

describe('the parameter', () => {
  it('is followed by the fence at an event, before anybody decides', async () => {
    await listenTo('stand-in.ssm');
    await putParameter('{"all":"running","agent:iam-auditor":"freeze"}');

    const DetailType = 'Parameter Store Change';
    const Detail = JSON.stringify({ name: parameter(), operation: 'Update' });
    const change = { Source: 'stand-in.ssm', DetailType, Detail };
    await events.send(new PutEventsCommand({ Entries: [change] }));

    await untilHolds(async () => (await fenceOf(world, 'agent:iam-auditor')) === 'freeze');
    expect(await fenceOf(world)).toBe('running');
    await expectHalted();
    await operator.moveKillSwitch({ scope: 'agent:iam-auditor', mode: 'running', reason: 'done' });
  });

  it('halts all when it is deleted, until an operator releases it', async () => {
    await world.ssm.send(new DeleteParameterCommand({ Name: parameter() }));

    await invoke(world, 'follow-kill-switch', {});

    expect(await fenceOf(world)).toBe('halt');
    await expectHalted();
    await release();
    const plan = narrowingPlan(await makeRoles(world, 1));
    await ended(world, (await agent.propose(plan)).transaction.id, 'committed');
  });

  it('halts what runs when authorize cannot read it, and says so', async () => {
    const may = { RoleName: await roleOf(world, 'authorize'), PolicyName: 'blind' };
    const PolicyDocument = policyOf({ Effect: 'Deny', Action: 'ssm:GetParameter', Resource: '*' });
    const roles = await makeRoles(world, 1);
    await world.iam.send(new PutRolePolicyCommand({ ...may, PolicyDocument }));
    const before = await iamState(world);

    const { transaction } = await agent.propose(narrowingPlan(roles));

    const { reason } = await ended(world, transaction.id);
    expect(reason).toMatchObject({ code: 'halted', detail: 'halt' });
    expect(await iamState(world)).toBe(before);
    expect(await allLogs(world)).toContain('"KillSwitchUnreadable":1');
    expect(await fenceOf(world)).toBe('running');
    await world.iam.send(new DeleteRolePolicyCommand(may));
  });

  it('is left alone by a deployment, and so is the fence: what is halted stays halted', async () => {
    await move('halt');
    const Name = parameter();
    const before = await world.ssm.send(new GetParameterCommand({ Name }));

    await redeploy(world.emulator, { logRetentionDays: '7' });

    const after = await world.ssm.send(new GetParameterCommand({ Name }));
    expect(after.Parameter).toEqual(before.Parameter);
    expect(await fenceOf(world)).toBe('halt');
    await expectHalted();
  });
});

const RESTING: ReadonlySet<string | undefined> = new Set(['parked', 'rejected', 'committed']);
const isParkedIn = (statuses: readonly (string | undefined)[]) => (_: string, index: number) =>
  statuses[index] === 'parked';
const statusesOf = (all: readonly { readonly status: string }[]) =>
  [...Map.groupBy(all, ({ status }) => status)].map(([name, { length }]) => `${length} ${name}`);
