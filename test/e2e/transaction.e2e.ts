import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { executionName } from '../../adapters/aws/runner.ts';
import type { Client } from '../../api/client.ts';
import { agentClient } from './callers.ts';
import { type IamProxy, openIamProxy } from './iam-proxy.ts';
import {
  ended,
  historyOf,
  iamState,
  makeRoles,
  narrowingPlan,
  openWorld,
  reconfigure,
  type World,
} from './world.ts';

/** Acceptance: a transaction of five steps. */
const TRANSITIONS_MAX = 28;

let world: World;
let proxy: IamProxy;
let agent: Client;
beforeAll(async () => {
  world = await openWorld();
  proxy = await openIamProxy(world.emulator.endpoint);
  agent = await agentClient(world, 'iam-auditor');
  await world.setKillSwitch('running');
  await reconfigure(world, 'execute', { variables: { AWS_ENDPOINT_URL_IAM: proxy.endpoint } });
});
afterAll(async () => {
  await proxy.close();
  await world.stop();
});

describe('a transaction on Step Functions', () => {
  it('commits five steps, and IAM shows them', async () => {
    const roles = await makeRoles(world, 5);

    const { transaction: proposed } = await agent.propose(narrowingPlan(roles));

    const transaction = await ended(world, proposed.id, 'committed');
    const history = await historyOf(world, executionName(transaction));
    const entered = history.filter(({ type }) => type?.endsWith('StateEntered')).length;
    console.log(`5 steps: ${entered} state transitions`);
    expect(entered).toBeLessThanOrEqual(TRANSITIONS_MAX);
    expect(proxy.calls).toEqual(roles.map((role) => `PutRolePolicy ${role}`));
  });

  it('compensates when IAM refuses the fourth step, and IAM is as before', async () => {
    const roles = await makeRoles(world, 5);
    const before = await iamState(world);
    proxy.plan('PutRolePolicy', roles[3] ?? '', { kind: 'refuse', code: 'LimitExceeded' });

    const { transaction: proposed } = await agent.propose(narrowingPlan(roles));

    const transaction = await ended(world, proposed.id, 'compensated');
    expect(transaction.reason).toMatchObject({ code: 'failed', stepIndex: 3 });
    expect(await iamState(world)).toBe(before);
  });
});
