import type { AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { awsVault } from '../../../adapters/aws/vault.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import { vaultContract } from '../../contract/vault-contract.ts';
import { caseNamed } from '../../integration/support/action-cases.ts';
import { ACCOUNT_ID } from '../../integration/support/small-account.ts';
import { AGENT, openTestWorld, type TestWorld } from '../../integration/support/world.ts';

const ROLE_ARN = `arn:aws:iam::${ACCOUNT_ID}:role/interlock/action`;

/** STS whose tokens are the session policies, on the account that enforces them. */
interface FakeSts {
  readonly assumed: AssumeRoleCommandInput[];
  refusal?: { readonly name: string; readonly $fault: 'client' };
}

const openWorld = (sts: FakeSts = { assumed: [] }): TestWorld => {
  const client = {
    async send({ input }: { readonly input: AssumeRoleCommandInput }) {
      if (sts.refusal !== undefined) throw Object.assign(new Error('no'), sts.refusal);
      sts.assumed.push(input);
      return {
        Credentials: { AccessKeyId: 'a', SecretAccessKey: 's', SessionToken: input.Policy },
      };
    },
  } as unknown as STSClient;
  const wrap = (ports: Ports): Ports => ({
    ...ports,
    vault: awsVault({
      store: ports.store,
      actions: ports.actions,
      sts: client,
      roleArnOf: ({ accountId }) => (accountId === ACCOUNT_ID ? ROLE_ARN : undefined),
      openCloud: ({ sessionToken: sessionPolicy }) =>
        world.account.session({ sessionPolicy, principal: 'p', now: () => ports.clock.now() }),
    }),
  });
  const world = openTestWorld({ wrap });
  return world;
};

vaultContract('aws, on the simulated account', () => openWorld());

describe('a session of the action role', () => {
  const sts: FakeSts = { assumed: [] };
  let world: TestWorld;
  beforeEach(() => {
    sts.assumed.length = 0;
    delete sts.refusal;
    world = openWorld(sts);
  });
  afterEach(() => world.close());
  const step = caseNamed('iam:DetachRolePolicy').step;

  it.each([
    ['AccessDenied', 'AccessDenied'],
    ['PackedPolicyTooLargeException', 'session-policy-too-large'],
  ])('that STS refuses with %s rejects the plan as %s', async (name, detail) => {
    sts.refusal = { name, $fault: 'client' };

    const ended = await world.proposeAndRun([step]);

    expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'failed', detail } });
  });

  it('is named after its step, carries the agent, and is short', async () => {
    const ended = await world.proposeAndRun([step]);

    expect(ended.status).toBe('committed');
    expect(sts.assumed.length).toBeGreaterThan(3);
    for (const one of sts.assumed) {
      expect(one).toMatchObject({
        RoleArn: ROLE_ARN,
        SourceIdentity: AGENT,
        DurationSeconds: 900,
        Tags: [
          { Key: 'transaction', Value: ended.id },
          { Key: 'step', Value: '0' },
        ],
      });
      expect(one.RoleSessionName).toMatch(/^[\w+=,.@-]{2,64}$/);
      expect(one.Policy?.length).toBeLessThanOrEqual(2048);
    }
    const names = sts.assumed.map((one) => one.RoleSessionName?.replace(`${ended.id}.`, ''));
    expect(new Set(names)).toEqual(new Set(['0.locate', '0.read', '0.apply.1']));
  });

  it('that changes something ends with its claim; no other has an end but its own', async () => {
    await world.proposeAndRun([step]);

    const ends = sts.assumed.map((one) => [
      /\.apply\./.test(one.RoleSessionName ?? ''),
      one.Policy?.includes('DateLessThan'),
    ]);
    expect(ends.every(([isEffect, hasEnd]) => isEffect === hasEnd)).toBe(true);
    expect(ends.some(([isEffect]) => isEffect)).toBe(true);
  });
});
