import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  AUDITOR,
  applyPlans,
  type ControlPlaneOfAgent,
  type PlanResult,
} from '../../../agents/iam-auditor/agent.ts';
import type { Proposal } from '../../../agents/iam-auditor/propose.ts';
import { DeniedError, InterlockError, StaleStateError } from '../../../core/errors.ts';
import { planDigest } from '../../../core/plan.ts';
import type { Status, Transaction } from '../../../core/transaction.ts';

const ACCOUNT = '111122223333';

function proposalOf(name: string, principal = name): Proposal {
  const step = { id: 'one', action: 'iam:DeleteRolePolicy', input: { RoleName: name } };
  const plan: Proposal['plan'] = {
    agent: 'iam-auditor',
    target: { partition: 'aws', accountId: ACCOUNT },
    purpose: `narrow ${name}`,
    steps: [step],
    deadlineMs: 1000,
  };
  return { id: name, plan, principalArn: principal, findingIds: [], proof: [], diff: [] };
}

/** A control plane that ends each transaction as told, by purpose, and keeps what it was asked. */
function fakeControlPlane(endings: Readonly<Record<string, Status>> = {}) {
  const rows = new Map<string, Transaction>();
  const log: string[] = [];
  let running = 0;
  let runningMost = 0;
  const controlPlane: ControlPlaneOfAgent = {
    async propose({ plan, idempotencyKey, actor }) {
      const known = rows.get(idempotencyKey);
      if (known !== undefined) return { transaction: known, isNew: false };
      const row = { id: idempotencyKey, actor, plan, idempotencyKey, status: 'proposed' };
      const transaction = row as unknown as Transaction;
      rows.set(idempotencyKey, transaction);
      return { transaction, isNew: true };
    },
    async run(transaction) {
      const { purpose } = transaction.plan;
      log.push(`start ${purpose}`);
      running += 1;
      runningMost = Math.max(runningMost, running);
      await setImmediate();
      running -= 1;
      log.push(`end ${purpose}`);
      rows.set(transaction.id, { ...transaction, status: endings[purpose] ?? 'committed' });
    },
    load: async (id) => rows.get(id),
  };
  return { controlPlane, rows, log, most: () => runningMost };
}

const statuses = (results: readonly PlanResult[]): readonly string[] =>
  results.map((each) => each.status);

describe('a plan that does not commit', () => {
  it('does not stop the others, whether compensated, rejected or refused', async () => {
    const fake = fakeControlPlane({ 'narrow b': 'compensated', 'narrow c': 'rejected' });
    const propose: ControlPlaneOfAgent['propose'] = async (asked) => {
      const plan = asked.plan as Proposal['plan'];
      if (plan.purpose === 'narrow d') throw new DeniedError('no-permit', 'not permitted');
      return fake.controlPlane.propose(asked);
    };
    const proposals = ['a', 'b', 'c', 'd', 'e'].map((name) => proposalOf(name));

    const results = await applyPlans({ ...fake.controlPlane, propose }, proposals, {
      concurrency: 2,
    });

    const wanted = ['committed', 'compensated', 'rejected', 'refused', 'committed'];
    expect(statuses(results)).toEqual(wanted);
    expect(results[3]).toMatchObject({ error: { code: 'no-permit' } });
  });

  it('is an error when the control plane itself fails', async () => {
    const fake = fakeControlPlane();
    const run = async (): Promise<never> => {
      throw new InterlockError('broken', 'the store is gone');
    };

    const applied = applyPlans({ ...fake.controlPlane, run }, [proposalOf('a')], {
      concurrency: 1,
    });

    await expect(applied).rejects.toMatchObject({ code: 'broken' });
  });

  it('is left to the process that has taken it over', async () => {
    const fake = fakeControlPlane();
    const run: ControlPlaneOfAgent['run'] = async (transaction) => {
      fake.rows.set(transaction.id, { ...transaction, status: 'running' });
      throw new StaleStateError('another process runs it');
    };

    const results = await applyPlans({ ...fake.controlPlane, run }, [proposalOf('a')], {
      concurrency: 1,
    });

    expect(statuses(results)).toEqual(['running']);
  });
});

describe('the idempotency key', () => {
  it('is made of account and plan, and names the auditor as actor', async () => {
    const fake = fakeControlPlane();
    const proposal = proposalOf('a');

    await applyPlans(fake.controlPlane, [proposal], { concurrency: 1 });

    const key = `${ACCOUNT}:${planDigest(proposal.plan)}:1`;
    expect([...fake.rows.values()]).toMatchObject([{ idempotencyKey: key, actor: AUDITOR }]);
  });

  it('finds an open transaction again and makes no second one', async () => {
    const fake = fakeControlPlane();
    const proposal = proposalOf('a');
    const idempotencyKey = `${ACCOUNT}:${planDigest(proposal.plan)}:1`;
    await fake.controlPlane.propose({ plan: proposal.plan, idempotencyKey, actor: AUDITOR });

    const results = await applyPlans(fake.controlPlane, [proposal], { concurrency: 1 });

    expect(statuses(results)).toEqual(['committed']);
    expect(fake.rows.size).toBe(1);
  });

  it.each<Status>(['committed', 'rejected', 'compensated', 'stuck'])(
    'takes the next number where the last has ended %s',
    async (ended) => {
      const fake = fakeControlPlane({ 'narrow a': ended });
      const proposal = proposalOf('a');
      await applyPlans(fake.controlPlane, [proposal], { concurrency: 1 });

      await applyPlans(fake.controlPlane, [proposal], { concurrency: 1 });

      const numbers = [...fake.rows.keys()].map((key) => key.split(':').at(-1));
      expect(numbers).toEqual(['1', '2']);
    },
  );
});

describe('several plans', () => {
  it('run at most so many at once, and answer in the order of the proposals', async () => {
    const fake = fakeControlPlane();
    const names = Array.from({ length: 12 }, (_, at) => `p${at}`);
    const ended: string[] = [];

    const results = await applyPlans(
      fake.controlPlane,
      names.map((name) => proposalOf(name)),
      { concurrency: 3, onProgress: (result) => ended.push(result.proposalId) },
    );

    expect(results.map((each) => each.proposalId)).toEqual(names);
    expect(fake.most()).toBe(3);
    expect([...ended].sort()).toEqual([...names].sort());
  });

  it('of one principal run one after the other', async () => {
    const fake = fakeControlPlane();
    const proposals = [proposalOf('a', 'same'), proposalOf('b', 'same'), proposalOf('c')];

    await applyPlans(fake.controlPlane, proposals, { concurrency: 3 });

    expect(fake.log.indexOf('end narrow a')).toBeLessThan(fake.log.indexOf('start narrow b'));
    expect(fake.most()).toBe(2);
  });

  it('are not proposed once the signal has aborted', async () => {
    const fake = fakeControlPlane();
    const stop = new AbortController();
    const proposals = ['a', 'b', 'c'].map((name) => proposalOf(name));

    const results = await applyPlans(fake.controlPlane, proposals, {
      concurrency: 1,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });

    expect(statuses(results)).toEqual(['committed', 'not-proposed', 'not-proposed']);
    expect(fake.rows.size).toBe(1);
  });
});
