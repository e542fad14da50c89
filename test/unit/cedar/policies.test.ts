import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { allActions } from '../../../actions/registry.ts';
import { loadCases, runCases } from '../../../adapters/cedar/cases.ts';
import { cedarDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { checkPolicies, loadPolicies } from '../../../adapters/cedar/load.ts';
import { schemaText } from '../../../adapters/cedar/schema.ts';

const ACTION_IDS = allActions.map(({ id }) => id);
const loaded = loadPolicies('policies');
const cases = loadCases('policies');

describe('the shipped policies', () => {
  it('have the schema that the registry of actions generates', () => {
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
});
