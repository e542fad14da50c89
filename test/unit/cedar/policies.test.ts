import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadCases, runCases } from '../../../adapters/cedar/cases.ts';
import { cedarDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { checkPolicies, loadPolicies } from '../../../adapters/cedar/load.ts';
import { schemaText } from '../../../adapters/cedar/schema.ts';
import { type StepPhase, stepRequest } from '../../../core/authorization.ts';
import { ACTION_IDS, target } from './fixtures.ts';

const loaded = loadPolicies('policies');
const cases = loadCases('policies');

describe('the shipped policies', () => {
  it('have the schema that the list of actions generates', () => {
    const text = readFileSync('policies/schema.cedarschema', 'utf8');

    expect(text).toBe(schemaText(ACTION_IDS));
  });

  it('answer every case as written, for exactly its reasons', async () => {
    const results = await runCases(cases, cedarDecisionPoint(loaded));

    expect(results.filter(({ isPassed }) => !isPassed)).toEqual([]);
  });

  it('are each determining in at least one case', async () => {
    const results = await runCases(cases, cedarDecisionPoint(loaded));

    const seen = new Set(results.flatMap(({ because }) => because));
    expect(loaded.policies.filter(({ id }) => !seen.has(id))).toEqual([]);
  });

  it.each(loaded.policies.map(({ id }) => id))('turn a case red without %s', async (id) => {
    const rest = loaded.policies.filter((policy) => policy.id !== id);
    const without = checkPolicies({ ...loaded, policies: rest });

    const results = await runCases(cases, cedarDecisionPoint(without));

    expect(results.some(({ isPassed }) => !isPassed)).toBe(true);
  });

  it.each(ACTION_IDS)(
    'permit compensation of what is permitted for %s; undo waits',
    async (action) => {
      const pdp = cedarDecisionPoint(loaded);
      const arn = `arn:aws:iam::111122223333:${action.includes('Role') ? 'role' : 'user'}/app/x`;
      const ask = (phase: StepPhase, widens: boolean, approvals = 0) =>
        pdp.decide(
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

      const answers = [
        await ask('apply', false),
        await ask('verify', false),
        await ask('compensate', true),
        await ask('undo', true),
        await ask('undo', true, 1),
        await ask('verify-undo', true, 1),
      ];

      expect(answers.map(({ answer }) => answer)).toEqual([
        'allow',
        'allow',
        'allow',
        'awaiting-approval',
        'allow',
        'allow',
      ]);
    },
  );
});
