import { describe, expect, it } from '@jest/globals';
import type { Store } from '../../../core/ports/store.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import { canGoOn, reconcile } from '../../../core/tasks/reconcile.ts';
import type { Phase, Transaction } from '../../../core/transaction.ts';

const FROZEN = 'iam:DeleteRolePolicy';
const steps = ['iam:AttachRolePolicy', FROZEN].map((action, index) => ({ id: `${index}`, action }));

const parkedAt = (phase: Phase, stepIndex: number): Transaction =>
  ({
    id: 'tx-1',
    agent: 'iam-auditor',
    plan: { steps },
    status: 'parked',
    cursor: { stepIndex, phase, attempt: 1 },
  }) as unknown as Transaction;

const killSwitch = {
  effective: async (scopes: readonly string[]) =>
    scopes.includes(`action:${FROZEN}`) ? 'freeze' : 'running',
} as Ports['killSwitch'];

describe('a parked transaction', () => {
  it.each([
    // Preflight looks at the whole plan, and parks again for any of its actions.
    ['is not started before preflight when any of its actions is frozen', 'preflight', 0, false],
    ['is not started at a step whose action is frozen', 'authorize', 1, false],
    ['goes on at a step whose action is not', 'authorize', 0, true],
    ['is unwound at a step whose action is not', 'compensate', 0, true],
  ] as const)('%s', async (_what, phase, stepIndex, expected) => {
    const goesOn = await canGoOn({ killSwitch }, parkedAt(phase, stepIndex));

    expect(goesOn).toBe(expected);
  });
});

describe('a sweep over many transactions', () => {
  it('holds few of them at once, and comes to all', async () => {
    const COUNT = 120;
    const open = Array.from({ length: COUNT }, (_, index) => ({ id: `tx-${index}` }));
    const limits: number[] = [];
    const list: Store['list'] = async ({ limit, after }) => {
      limits.push(limit);
      const from = Number(after ?? 0);
      const transactions = open.slice(from, from + limit) as unknown as readonly Transaction[];
      return { transactions, ...(from + limit < COUNT ? { next: `${from + limit}` } : {}) };
    };

    const found = await reconcile(
      { store: { list } as unknown as Store, clock: { now: () => 0 } as Ports['clock'] },
      () => false,
    );

    expect(Math.max(...limits)).toBeLessThanOrEqual(25);
    expect(found.map(({ id }) => id)).toEqual(open.map(({ id }) => id).reverse());
  });
});
