import { describe, expect, it } from '@jest/globals';
import { allActions } from '../../../actions/registry.ts';
import { loadCases, runCases } from '../../../adapters/cedar/cases.ts';
import { cedarDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { checkPolicies, loadPolicies } from '../../../adapters/cedar/load.ts';
import { parsePolicies } from '../../../adapters/cedar/parse-policies.ts';
import { type StepPhase, stepRequest } from '../../../core/authorization.ts';
import { target } from './fixtures.ts';

const loaded = loadPolicies('policies');
const ids = allActions.map(({ id }) => id);

interface Asked {
  readonly phase: StepPhase;
  readonly widens?: boolean;
  readonly approvals?: number;
}

function ask(action: string, asked: Asked, policies = loaded) {
  const pdp = cedarDecisionPoint(policies);
  const arn = `arn:aws:iam::111122223333:${action.includes('Role') ? 'role' : 'user'}/app/x`;
  const { phase, widens = false, approvals = 0 } = asked;
  return pdp.decide(
    stepRequest({
      phase,
      agent: 'iam-auditor',
      action,
      resource: arn,
      target: target(arn),
      facts: { widens, affectedPrincipals: 1, removedCount: 1 },
      plan: { steps: 1, resources: 1 },
      approvals,
      data: pdp,
    }),
  );
}

describe('the registry', () => {
  it('has the ten actions that this suite is about', () => {
    expect(ids).toHaveLength(10);
  });
});

describe.each(ids)('what is permitted as %s', (action) => {
  it('is permitted, and may stand', async () => {
    const apply = await ask(action, { phase: 'apply' });
    const verify = await ask(action, { phase: 'verify' });

    expect([apply.answer, verify.answer]).toEqual(['allow', 'allow']);
  });

  it('is compensated without asking anybody, though that widens', async () => {
    const answer = await ask(action, { phase: 'compensate', widens: true });

    expect(answer).toMatchObject({
      answer: 'allow',
      reasons: [{ id: 'control-plane-compensates' }],
    });
  });

  it('may be undone once one operator approves, though that widens', async () => {
    const undo = { phase: 'undo', widens: true } as const;
    const answers = [
      await ask(action, undo),
      await ask(action, { ...undo, approvals: 1 }),
      await ask(action, { ...undo, phase: 'verify-undo', approvals: 1 }),
    ];

    expect(answers.map(({ answer }) => answer)).toEqual(['awaiting-approval', 'allow', 'allow']);
  });

  it('is not permitted where it widens', async () => {
    const answer = await ask(action, { phase: 'apply', widens: true });

    expect(answer).toMatchObject({ answer: 'deny', reasons: [{ id: 'no-step-may-widen' }] });
  });
});

describe('an allowed case', () => {
  it('has a compensation that is allowed in the very same context', async () => {
    const allowed = loadCases('policies').filter(
      ({ expect: expected, given }) => expected === 'allow' && given.action.startsWith('iam:'),
    );
    const compensations = allowed.map((one) => ({
      ...one,
      expect: 'allow' as const,
      because: ['control-plane-compensates'],
      given: { ...one.given, action: `compensate:${one.given.action}`, widens: true },
    }));

    const results = await runCases(compensations, cedarDecisionPoint(loaded));

    expect(results.length).toBeGreaterThan(2);
    expect(results.filter(({ isPassed }) => !isPassed)).toEqual([]);
  });
});

describe('a forbid on widening that does not exempt compensation', () => {
  it('is what these tests would find', async () => {
    const careless = parsePolicies(
      'careless.cedar',
      `@id("careless") forbid (principal, action in Action::"phase:compensate", resource)
       when { context.widens };`,
    );
    const policies = checkPolicies({ ...loaded, policies: [...loaded.policies, ...careless] });

    const answer = await ask(
      'iam:DetachRolePolicy',
      { phase: 'compensate', widens: true },
      policies,
    );

    expect(answer.answer).toBe('deny');
  });
});
