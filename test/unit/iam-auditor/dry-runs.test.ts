import { describe, expect, it } from '@jest/globals';
import type { AuditPorts } from '../../../agents/iam-auditor/audit/ports.ts';
import { propose } from '../../../agents/iam-auditor/audit/propose.ts';
import type { AuditState } from '../../../agents/iam-auditor/audit/state.ts';
import type { Plan } from '../../../core/plan.ts';

const PLANS = 10;
const planOf = (index: number): Plan => ({
  agent: 'iam-auditor',
  target: { partition: 'aws', accountId: '111111111111' },
  purpose: 'test',
  steps: [{ id: 'one', action: 'iam:DetachRolePolicy', input: { RoleName: `role-${index}` } }],
  deadlineMs: 60_000,
});
const state: AuditState = {
  auditId: 'audit-1',
  accountId: '111111111111',
  mode: 'propose',
  index: 0,
  next: 'propose',
};

describe('the dry runs of a page', () => {
  it('are asked for one after the other, in the order of the plans', async () => {
    const saved: object[] = [];
    let running = 0;
    let most = 0;
    const ids = Array.from({ length: PLANS }, (_, index) => `plan-${index}`);
    const report = {
      plans: ids.map((id, index) => ({ id, principalArn: 'arn', plan: planOf(index) })),
    };
    const ports = {
      documents: {
        load: async () => report,
        save: async (_audit: string, _name: string, document: object) => void saved.push(document),
      },
      api: {
        async dryRun() {
          running += 1;
          most = Math.max(most, running);
          await new Promise(setImmediate);
          running -= 1;
          return { answer: 'allow' };
        },
      },
    } as unknown as AuditPorts;

    const next = await propose(ports, state);

    expect(most).toBe(1);
    expect(saved).toEqual([
      { dryRuns: ids.map((proposalId) => ({ proposalId, answer: 'allow' })) },
    ]);
    expect(next.next).toBe('apply');
  });
});
