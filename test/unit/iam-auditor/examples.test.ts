import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { actionById } from '../../../actions/registry.ts';
import { auditAccount } from '../../../agents/iam-auditor/report.ts';
import { parsePlan } from '../../../core/plan.ts';

const report = auditAccount(JSON.parse(readFileSync('examples/acme-account.json', 'utf8')));
const findingsOf = (name: string): readonly string[] =>
  report.findings.filter((each) => each.principal.name === name).map((each) => each.ruleId);

describe('the example account', () => {
  it('has at least 25 principals', () => {
    expect(report.account.principals).toBeGreaterThanOrEqual(25);
  });

  it.each([['bob.developer'], ['bounded-developer'], ['vendor-billing'], ['orders-app']])(
    'has nothing against %s',
    (name) => {
      expect(findingsOf(name)).toEqual([]);
    },
  );

  it.each([
    ['alice.ops', 'administrator-by-wildcard'],
    ['ci-deploy', 'privilege-escalation'],
    ['data-science', 'sensitive-service-wildcard'],
    ['vendor-monitoring', 'open-cross-account-trust'],
    ['public-upload', 'open-public-trust'],
    ['break-glass-admin', 'administrator-by-wildcard'],
  ])('finds %s: %s', (name, rule) => {
    expect(findingsOf(name)).toContain(rule);
  });
});

describe('the example plans', () => {
  it.each(readdirSync('examples/plans'))('%s fits the inputs of its actions', (file) => {
    const plan = parsePlan(JSON.parse(readFileSync(`examples/plans/${file}`, 'utf8')));

    for (const { action, input } of plan.steps)
      expect(actionById(action)?.input.safeParse(input)).toMatchObject({ success: true });
  });
});

describe('the proposed plans', () => {
  it('fit the inputs of their actions', () => {
    for (const { action, input } of report.plans.flatMap((each) => each.plan.steps))
      expect(actionById(action)?.input.safeParse(input)).toMatchObject({ success: true });
  });
});
