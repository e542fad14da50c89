import { describe, expect, it } from '@jest/globals';
import type { Ports } from '../../../core/tasks/ports.ts';
import { canGoOn } from '../../../core/tasks/reconcile.ts';
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
