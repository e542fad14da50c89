import { setTimeout as wait } from 'node:timers/promises';
import { CreateUserCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { iamSessions } from '../../../adapters/aws/cloud.ts';
import { awsVault } from '../../../adapters/aws/vault.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import { roleName } from '../../../infra/names.ts';
import { vaultContract } from '../../contract/vault-contract.ts';
import { ACTION_CASES } from '../../integration/support/action-cases.ts';
import { ACCOUNT_ID, ROLE_NAME, smallAccount } from '../../integration/support/small-account.ts';
import type { TestClock } from '../../integration/support/test-clock.ts';
import { openTestWorld, type TestWorld } from '../../integration/support/world.ts';
import { allow, assume, outcomeOf, policyOf } from '../emulator/account.ts';
import { accountState } from '../emulator/account-state.ts';
import { clientOptions, type Emulator, startEmulator } from '../emulator/emulator.ts';
import { seedAccount } from '../emulator/seed.ts';
import {
  type GovernedAccount,
  governAccount,
  resetEmulator,
  sessionOf,
} from './governed-account.ts';

/** IAM has a clock of its own: here time passes. */
const CLOCK: TestClock = {
  now: () => Date.now(),
  sleep: (ms) => wait(ms),
  at: () => {
    throw new Error('nothing can be done between two moments of the host');
  },
  pending: () => 0,
};
const EFFECT_MS = 2500;
const MARGIN_MS = 1000;

let emulator: Emulator;
let governed: GovernedAccount;
beforeAll(async () => {
  emulator = await startEmulator({ auth: true });
});
afterAll(() => emulator.stop());

async function openWorld(): Promise<TestWorld> {
  await resetEmulator(emulator);
  await seedAccount(emulator, smallAccount(), ACCOUNT_ID);
  governed = await governAccount(emulator, ACCOUNT_ID);
  const { region, endpoint } = clientOptions(emulator);
  const wrap = (ports: Ports): Ports => ({
    ...ports,
    vault: awsVault({
      store: ports.store,
      actions: ports.actions,
      sts: new STSClient(governed.vault),
      roleArnOf: () => governed.actionRoleArn,
      openCloud: iamSessions({ region, endpoint, timeoutMs: 5000 }),
    }),
  });
  return openTestWorld({ wrap, clock: CLOCK });
}

const times = { effectMs: EFFECT_MS, marginMs: MARGIN_MS };
vaultContract('aws, on IAM and STS that are enforced', openWorld, times);

describe('a governed account', () => {
  it('is changed by a plan of every action, whose evidence verifies', async () => {
    const world = await openWorld();
    const before = await accountState(emulator, ACCOUNT_ID);

    const ended = await world.proposeAndRun(ACTION_CASES.map(({ step }) => step));

    expect(ended).toMatchObject({ status: 'committed', sealed: true });
    expect(await world.verifyEvidence(ended.id)).toMatchObject({ ok: true });
    expect(await accountState(emulator, ACCOUNT_ID)).not.toEqual(before);
    world.close();
  });

  it('has an action role that changes nothing of Interlock, whoever is in it', async () => {
    (await openWorld()).close();
    const iam = new IAMClient(await sessionOf(governed));
    const put = (RoleName: string) => {
      const inline = { RoleName, PolicyName: 'p', PolicyDocument: policyOf(allow('s3:*', '*')) };
      return outcomeOf(iam.send(new PutRolePolicyCommand(inline)));
    };

    const outcomes = [await put(ROLE_NAME), await put(roleName('prod', 'action'))];

    expect(outcomes).toEqual(['allowed', 'AccessDenied']);
    expect(await outcomeOf(iam.send(new CreateUserCommand({ UserName: 'eve' })))).toBe(
      'AccessDenied',
    );
  });

  it('has an action role that the vault alone may assume', async () => {
    (await openWorld()).close();
    const as = (accountId?: string) => ({ ...emulator, ...keysOf(accountId) });

    expect(await outcomeOf(assume(as(), governed.actionRoleArn))).toBe('AccessDenied');
    expect(await outcomeOf(assume(as(ACCOUNT_ID), governed.actionRoleArn))).toBe('AccessDenied');
    expect(await outcomeOf(assume(as('222222222222'), governed.actionRoleArn))).toBe(
      'AccessDenied',
    );
  });
});

/** The keys of an account's root. */
function keysOf(accountId?: string) {
  const env = { ...emulator.env };
  return { env: accountId === undefined ? env : { ...env, AWS_ACCESS_KEY_ID: accountId } };
}
