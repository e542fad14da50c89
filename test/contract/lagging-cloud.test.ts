import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openAccount, type SimulatedAccount } from '../../adapters/embedded/account/account.ts';
import { laggingCloud } from '../../adapters/embedded/account/lagging-cloud.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Cloud } from '../../core/ports/cloud.ts';
import { policyArnOf, ROLE_NAME, smallAccount } from '../integration/support/small-account.ts';
import { START_MS } from '../integration/support/world.ts';

const RoleName = ROLE_NAME;
let now: number;
let lagMs: number;
let account: SimulatedAccount;
let cloud: Cloud;
beforeEach(() => {
  now = START_MS;
  lagMs = 0;
  account = openAccount(':memory:', { now: () => now, keepsHistory: true });
  account.load(smallAccount());
  cloud = laggingCloud(account.admin(), {
    lagMs: () => lagMs,
    clock: () => now,
    snapshotReads: (at) => account.session({ now: () => now, asOf: () => at }),
  });
});
afterEach(() => account.close());

const attached = async (): Promise<readonly string[]> => {
  const answer = await cloud.call({
    operation: 'iam:ListAttachedRolePolicies',
    input: { RoleName },
  });
  const list = (answer as JsonObject)['AttachedPolicies'] as readonly JsonObject[];
  return list.map((one) => String(one['PolicyName']));
};
const change = (verb: 'Attach' | 'Detach', name: string) =>
  cloud.call({
    operation: `iam:${verb}RolePolicy`,
    input: { RoleName, PolicyArn: policyArnOf(name) },
  });

describe('a cloud that lags behind', () => {
  it.each([0, 1, 10, 60])('shows a change after %s s, not before', async (lagS) => {
    lagMs = lagS * 1000;
    now += 1000;
    await change('Detach', 'wide');

    const seen: (readonly string[])[] = [];
    for (const passedMs of [0, lagMs - 1, lagMs, lagMs + 1]) {
      const at = now;
      now += passedMs;
      seen.push(await attached());
      now = at;
    }

    const [before, after] = [['wide'], []];
    expect(seen).toEqual(
      lagS === 0 ? [after, before, after, after] : [before, before, after, after],
    );
  });

  it('shows each of several changes in its time', async () => {
    lagMs = 10_000;
    for (const step of [1, 2]) {
      now = START_MS + step * 5000;
      await change('Attach', step === 1 ? 'narrow' : 'other');
    }

    const seen: number[] = [];
    for (const atS of [14, 15, 19, 20]) {
      now = START_MS + atS * 1000;
      seen.push((await attached()).length);
    }

    expect(seen).toEqual([1, 2, 2, 3]);
  });

  it('changes what is there now, whatever it shows', async () => {
    lagMs = 60_000;
    now += 1000;
    await change('Detach', 'wide');

    await expect(change('Detach', 'wide')).rejects.toMatchObject({ code: 'NoSuchEntity' });
    expect(await attached()).toEqual(['wide']);
  });

  it('asks how far it lags at every read', async () => {
    now += 1000;
    await change('Detach', 'wide');

    const seen: number[] = [];
    for (const lag of [0, 60_000, 0]) {
      lagMs = lag;
      seen.push((await attached()).length);
    }

    expect(seen).toEqual([0, 1, 0]);
  });
});
