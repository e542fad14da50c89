import { GetRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../../api/client.ts';
import { parseBundle, verifyBundle } from '../../core/evidence/index.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import { emulatorAt, startEmulator } from './emulator/emulator.ts';
import { untilHolds } from './emulator/until.ts';
import { invokedClient } from './invoked-client.ts';
import { ended, makeRoles, NARROW, narrowingPlan, openWorldOn, type World } from './world.ts';

/** Without it a MiniStack of its own, which shows that the switches of the context hold. */
const { LOCALSTACK_ENDPOINT: endpoint } = process.env;
/** The free LocalStack has no Cognito and only mocks the scheduler; a Lambda is a container. */
const CONTEXT = {
  cognito: false,
  auditor: { mode: 'report', schedule: 'off' },
  architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
  timing: { settleMs: 0, effectMs: 30_000, skewMs: 500, leaseMs: 60_000, approvalMs: 600_000 },
};

/** From the seal into the log. */
const LOGGED_MS_MAX = 30_000;

let world: World;
let agent: Client;
beforeAll(async () => {
  const emulator = endpoint === undefined ? await startEmulator() : emulatorAt(endpoint);
  world = await openWorldOn(emulator, CONTEXT);
  agent = invokedClient(world, 'iam-auditor');
});
afterAll(() => world?.stop());

describe('a deployment without Cognito and scheduler', () => {
  it('is halted when it is fresh', async () => {
    await world.setKillSwitch('halt');
    const plan = narrowingPlan(await makeRoles(world, 1));

    await expect(agent.propose(plan)).rejects.toMatchObject({ name: 'HaltedError' });
  });

  it('commits five steps once it is released, with evidence that holds', async () => {
    await world.setKillSwitch('running');
    const roles = await makeRoles(world, 5);

    const { transaction } = await agent.propose(narrowingPlan(roles));

    await ended(world, transaction.id, 'committed');
    const read = async () => parseBundle(await agent.readBundle(transaction.id));
    await untilHolds(async () => (await read()).log?.seals.length === 1, LOGGED_MS_MAX);
    const bundle = await read();
    expect(
      verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [], trustEmbeddedKey: true }),
    ).toMatchObject({ ok: true });
    for (const RoleName of roles) {
      const inline = new GetRolePolicyCommand({ RoleName, PolicyName: 'wide' });
      const { PolicyDocument = '' } = await world.iam.send(inline);
      expect(decodeURIComponent(PolicyDocument)).toBe(NARROW);
    }
  });
});
