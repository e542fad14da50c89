import { createHash, randomUUID } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openReplayer } from '../../adapters/embedded/replayer.ts';
import type { Client } from '../../api/client.ts';
import { parseBundle, verifyBundle } from '../../core/evidence/index.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import {
  agentClient,
  endpointOf,
  operatorClient,
  operatorToken,
  sessionTransport,
} from './callers.ts';
import { allow, createRole } from './emulator/account.ts';
import { clientOptions } from './emulator/emulator.ts';
import { untilHolds } from './emulator/until.ts';
import { ended, makeRoles, narrowingPlan, openWorld, outputOf, type World } from './world.ts';

/** From the seal into the log. */
const LOGGED_MS_MAX = 30_000;

let world: World;
let agent: Client;
let operator: Client;
beforeAll(async () => {
  // The role of this agent is then its owner's, who may call all of the agents' API.
  world = await openWorld({ auditor: { mode: 'propose', schedule: 'off' } });
  agent = await agentClient(world, 'iam-auditor');
  operator = await operatorClient(world, 'alice');
});
afterAll(() => world.stop());

async function executions() {
  const stateMachineArn = outputOf(world.outputs, 'TransactionMachine');
  return (await world.sfn.send(new ListExecutionsCommand({ stateMachineArn }))).executions ?? [];
}

describe('the API behind API Gateway', () => {
  it('refuses a fresh deployment to run anything, until an operator releases it', async () => {
    const plan = narrowingPlan(await makeRoles(world, 1));
    await expect(agent.propose(plan)).rejects.toMatchObject({ name: 'HaltedError' });
    expect(await executions()).toEqual([]);

    await operator.moveKillSwitch({ scope: 'all', mode: 'running', reason: 'first release' });

    const { transaction } = await agent.propose(plan);
    await ended(world, transaction.id, 'committed');
  });

  it('answers nobody who is not known', async () => {
    const stranger = await createRole(world.emulator, {
      name: 'stranger',
      may: [allow('execute-api:Invoke', '*')],
    });
    const { sign = async (one) => one } = await sessionTransport(world, stranger);
    const ofAgents = `${endpointOf(world, 'AgentApi')}/v1/transactions`;
    const ofOperators = `${endpointOf(world, 'OperatorApi')}/v1/transactions`;
    const outsider = await operatorToken(world, 'outsider', { isOperator: false });
    const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

    const statuses = {
      unsigned: (await fetch(ofAgents)).status,
      'of no agent': (await fetch(await sign(new Request(ofAgents)))).status,
      'without a token': (await fetch(ofOperators)).status,
      'with a broken token': (await fetch(ofOperators, bearer('a.b.c'))).status,
      'outside the group': (await fetch(ofOperators, bearer(outsider))).status,
      'signed, at the operators': (await fetch(await sign(new Request(ofOperators)))).status,
    };

    console.log(JSON.stringify(statuses));
    expect(statuses).toEqual({
      unsigned: 403,
      'of no agent': 401,
      'without a token': 401,
      'with a broken token': 401,
      'outside the group': 401,
      'signed, at the operators': 401,
    });
  });

  it('refuses a plan in the name of another, and one that policy forbids, with its ids', async () => {
    const known = (await executions()).length;
    const roles = await makeRoles(world, 1);
    const foreign = narrowingPlan(roles, { agent: 'iam-auditor-propose' });
    const many = narrowingPlan(Array.from({ length: 60 }, () => roles[0] ?? ''));

    await expect(agent.propose(foreign)).rejects.toMatchObject({ code: 'foreign-agent' });
    const denied = await agent.propose(many).catch((error: unknown) => error);

    console.log(JSON.stringify(denied));
    expect(denied).toMatchObject({
      name: 'DeniedError',
      policies: [{ id: 'blast-radius-steps' }],
    });
    expect((await executions()).length).toBe(known);
  });

  it('lets an agent see its own transactions, and never act as an operator', async () => {
    const other = await agentClient(world, 'iam-auditor-propose');
    const { transaction } = await agent.propose(narrowingPlan(await makeRoles(world, 1)));

    await expect(other.readTransaction(transaction.id)).rejects.toMatchObject({
      name: 'NotFoundError',
    });
    await expect(agent.readKillSwitch()).rejects.toMatchObject({ code: 'route-not-found' });
    await expect(
      agent.moveKillSwitch({ scope: 'all', mode: 'running', reason: 'me' }),
    ).rejects.toMatchObject({ code: 'route-not-found' });
    const detail = await agent.wait(transaction.id);
    expect(detail.transaction.status).toBe('committed');
    expect((await operator.readTransaction(transaction.id)).transaction.id).toBe(transaction.id);
  });

  it('is one execution for one key that comes twice at once', async () => {
    const plan = narrowingPlan(await makeRoles(world, 1));
    const key = randomUUID();
    const known = (await executions()).length;

    const both = await Promise.all([agent.propose(plan, key), agent.propose(plan, key)]);

    expect(both[0]?.transaction.id).toBe(both[1]?.transaction.id);
    await ended(world, both[0]?.transaction.id ?? '', 'committed');
    expect((await executions()).length).toBe(known + 1);
  });

  it('predicts a plan and changes nothing', async () => {
    const known = (await executions()).length;
    const plan = narrowingPlan(await makeRoles(world, 2));

    const dryRun = await agent.dryRun(plan);

    expect(dryRun).toMatchObject({ answer: 'allow' });
    expect(dryRun.steps).toHaveLength(2);
    expect((await executions()).length).toBe(known);
  });

  it('gives the evidence, which holds offline', async () => {
    const { transactions } = await agent.listTransactions({ status: 'committed' });
    const id = transactions[0]?.id ?? '';
    const { PublicKey = new Uint8Array() } = await new KMSClient(
      clientOptions(world.emulator),
    ).send(new GetPublicKeyCommand({ KeyId: outputOf(world.outputs, 'LogKey') }));
    // Of the log alone: it vouches for the key that seals.
    const trustedKeyIds = [createHash('sha256').update(PublicKey).digest('hex')];
    const read = async () => parseBundle(await agent.readBundle(id));
    await untilHolds(async () => (await read()).log?.seals.length === 1, LOGGED_MS_MAX);

    const bundle = await read();

    const verdict = verifyBundle(nodeCrypto, bundle, { trustedKeyIds });
    expect(verdict).toMatchObject({ ok: true });
    // It holds what was decided on, so that it can be run again anywhere.
    const find = async (digest: string) => {
      const bytes = bundle.contents[digest];
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    };
    const replay = await openReplayer({ find }).replay(bundle);
    expect(replay).toMatchObject({ ok: true, records: bundle.records.length, seals: 1 });
    const [first, ...others] = bundle.records;
    const forged = { ...bundle, records: [...others, first ?? new Uint8Array()] };
    expect(verifyBundle(nodeCrypto, forged, { trustedKeyIds }).ok).toBe(false);
  });
});
