import { describe, expect, it } from '@jest/globals';
import { allActions } from '../../../actions/registry.ts';
import { cedarDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { loadPolicies } from '../../../adapters/cedar/load.ts';
import { type StepPhase, stepRequest } from '../../../core/authorization.ts';
import { target } from './fixtures.ts';

const pdp = cedarDecisionPoint(loadPolicies('policies'));
const PHASES: readonly StepPhase[] = ['apply', 'verify', 'undo', 'verify-undo'];

const asked = allActions.flatMap(({ id }) =>
  PHASES.flatMap((phase) => [true, false].map((widens) => ({ id, phase, widens }))),
);

function answerTo(agent: string, approvals: number, { id, phase, widens }: (typeof asked)[number]) {
  const arn = `arn:aws:iam::111122223333:${id.includes('Role') ? 'role' : 'user'}/app/x`;
  return pdp.decide(
    stepRequest({
      phase,
      agent,
      action: id,
      resource: arn,
      target: target(arn),
      facts: { widens, affectedPrincipals: 1, removedCount: 1 },
      plan: { steps: 1, resources: 1 },
      approvals,
      data: pdp,
    }),
  );
}

describe('the auditor that only proposes', () => {
  it('may do nothing without an approval but let stand what was approved', async () => {
    for (const one of asked) {
      const { answer } = await answerTo('iam-auditor-propose', 0, one);
      const isVerify = one.phase === 'verify' && !one.widens;
      expect([one, answer === 'allow']).toEqual([one, isVerify]);
    }
  });

  it('may do with one approval what the other auditor may, and nothing else', async () => {
    for (const one of asked) {
      const [its, other] = await Promise.all(
        ['iam-auditor-propose', 'iam-auditor'].map((agent) => answerTo(agent, 1, one)),
      );
      expect([one, its?.answer]).toEqual([one, other?.answer]);
    }
    const allowed = await Promise.all(asked.map((one) => answerTo('iam-auditor-propose', 1, one)));
    expect(allowed.filter(({ answer }) => answer === 'allow').length).toBeGreaterThan(30);
  });
});
