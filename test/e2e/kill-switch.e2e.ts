import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from '../../api/client.ts';
import type { KillMode } from '../../core/ports/kill-switch.ts';
import { agentClient, endpointOf, operatorClient, operatorToken } from './callers.ts';
import { untilHolds } from './emulator/until.ts';
import { fenceOf, type Many, openMany } from './many.ts';
import { iamState, makeRoles, narrowingPlan, openWorld, outputOf } from './world.ts';

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
beforeAll(async () => {
  world = await openWorld();
  agent = await agentClient(world, 'iam-auditor');
  operator = await operatorClient(world, 'alice');
  token = await operatorToken(world, 'bob');
});
afterAll(() => world.stop());
beforeEach(() => release());

const move = (mode: KillMode) =>
  operator.moveKillSwitch({ scope: 'all', mode, reason: 'a test moves it' });
const release = () => move('running');
const putParameter = (Value: string) =>
  world.ssm.send(
    new PutParameterCommand({
      ...{ Name: outputOf(world.outputs, 'KillSwitchParameter'), Value },
      ...{ Type: 'String', Overwrite: true },
    }),
  );
const cli = (...words: readonly string[]) => {
  const endpoint = endpointOf(world, 'OperatorApi');
  const args = [CLI, 'kill', ...words, '--reason', 'a test', '--yes', '--endpoint', endpoint];
  const env = { ...process.env, INTERLOCK_TOKEN: token };
  return promisify(execFile)(process.execPath, args, { env });
};
const refusedToPropose = async () => {
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
    await refusedToPropose();
  });

  it.each(['halt', '{"all":"halt"}'])(
    'writing `%s` to SSM lets none begin once it was seen, and all is put back',
    async (value) => {
      const many = await openMany(world, agent);

      await putParameter(value);

      const writtenAt = Date.now();
      await untilHolds(async () => (await fenceOf(world)) === 'halt');
      const followedAt = Date.now();
      const seen = await many.claims();
      const all = await many.ended();
      const decidedAt = (await many.decidedAt()).at(-1) ?? 0;
      const claimedAt = (await many.claimedAt()).at(-1) ?? 0;
      console.log(
        `SSM ${value}: seen moved after ${followedAt - writtenAt} ms; last decision ` +
          `${decidedAt - writtenAt} ms, last claim ${claimedAt - writtenAt} ms after it; ` +
          `${seen.length} of ${many.effects} effects claimed; ${statusesOf(all)}`,
      );
      await expectNoClaimSince(many, seen);
      expect(decidedAt - writtenAt).toBeLessThanOrEqual(PARAMETER_AGE_MS_MAX);
      expect(claimedAt - writtenAt).toBeLessThanOrEqual(PARAMETER_AGE_MS_MAX + DECISION_MS_MAX);
      expect(all.every(({ reason }) => reason?.code === 'halted')).toBe(true);
      expect(await iamState(world)).toBe(many.before);

      await putParameter('running');

      await refusedToPropose();
      expect(await fenceOf(world)).toBe('halt');
    },
  );
});

const statusesOf = (all: readonly { readonly status: string }[]) =>
  [...Map.groupBy(all, ({ status }) => status)].map(([name, { length }]) => `${length} ${name}`);
