import { afterAll, describe, expect, it } from '@jest/globals';
import { AUDITOR } from '../../agents/iam-auditor/agent.ts';
import { sampleAccount, samplePlan } from '../../cli/demo/demo.ts';
import { watchMoments } from '../../cli/demo/moments.ts';
import { openLocal } from '../../cli/open.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { propose } from '../../core/tasks/propose.ts';
import { resolve } from '../../core/tasks/resolve.ts';
import { ACME } from './support/accounts.ts';
import { truthOf } from './support/data-folder-truth.ts';
import { interlock, scratchFolder } from './support/run-program.ts';

const folder = scratchFolder();
afterAll(() => folder.remove());

/** Does not wait between the retries of a compensation. */
const IMPATIENT: Clock = { now: () => Date.now(), sleep: async () => {} };

const proposalOf = (name: string) => ({
  plan: samplePlan(name),
  idempotencyKey: name,
  actor: AUDITOR,
});

describe('audit --apply on a folder that is not settled', () => {
  it('brings what nobody runs to its end first, then goes on', async () => {
    const data = folder.inside('lost');
    const controlPlane = openLocal({ data });
    controlPlane.account.load(sampleAccount());
    const { transaction } = await propose(controlPlane.ports, proposalOf('trim-portal'));
    controlPlane.close();

    const ran = await interlock('audit', '--apply', '--yes', '--data', data);

    const { transactions } = await truthOf(data);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('1 lost transaction');
    expect(transactions.find((each) => each.id === transaction.id)?.status).toBe('committed');
  });

  it('is pending, exit 8, while a transaction is parked; nothing is loaded', async () => {
    const data = folder.inside('parked');
    const controlPlane = openLocal({ data });
    await propose(controlPlane.ports, proposalOf('trim-portal'));
    controlPlane.close();
    const freeze = ['kill', 'engage', '--mode', 'freeze', '--scope', 'all', '--reason', 'test'];
    await interlock(...freeze, '--yes', '--data', data);

    const ran = await interlock(
      ...['audit', '--account', ACME, '--apply', '--yes', '--json', '--data', data],
    );

    expect(ran).toMatchObject({ code: 8, stdout: '' });
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: 'transactions-open' } });
    expect((await truthOf(data)).gaad['RoleDetailList']).toEqual([]);
  });

  it('is stuck, exit 10, until a person has resolved what is stuck', async () => {
    const data = folder.inside('stuck');
    const moments = watchMoments();
    const controlPlane = openLocal({ data, wrap: moments.wrap, clock: IMPATIENT });
    const { account, ports } = controlPlane;
    account.load(sampleAccount());
    const { transaction } = await propose(ports, proposalOf('consolidate-portal'));
    // Somebody else writes what step 1 deleted, just before it would be put back.
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' }],
    });
    const input = { RoleName: 'partner-portal', PolicyName: 'uploads', PolicyDocument };
    moments.after(
      (record) => record.kind === 'acknowledged' && record.stepIndex === 2,
      async () => void (await account.admin().call({ operation: 'iam:PutRolePolicy', input })),
    );
    await controlPlane.run(transaction);
    const digest = account.digest();
    controlPlane.close();

    const apply = ['audit', '--account', ACME, '--apply', '--yes', '--json', '--data', data];
    const ran = await interlock(...apply);
    const between = await truthOf(data);
    await resolved(data, transaction.id);
    const again = await interlock(...apply);

    expect(between.transactions.map((each) => each.status)).toEqual(['stuck']);
    expect(ran.code).toBe(10);
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: 'transaction-stuck' } });
    expect(between.digest).toBe(digest);
    expect(again.code).toBe(0);
  });
});

async function resolved(data: string, id: string): Promise<void> {
  const controlPlane = openLocal({ data });
  const { ports, caller } = controlPlane;
  await controlPlane.run(
    await resolve(ports, caller, { id, as: 'restored', reason: 'looked at by hand' }),
  );
  controlPlane.close();
}
