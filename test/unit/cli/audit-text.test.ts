import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import pc from 'picocolors';
import type { PlanResult } from '../../../agents/iam-auditor/agent.ts';
import { auditAccount } from '../../../agents/iam-auditor/report.ts';
import { findingList } from '../../../cli/audit/finding-list.ts';
import { findingTable } from '../../../cli/audit/finding-table.ts';
import { counted, cut, layoutOf } from '../../../cli/audit/layout.ts';
import { continued, shortArn, shortArns } from '../../../cli/audit/names.ts';
import { planList } from '../../../cli/audit/plan-list.ts';
import { reportText } from '../../../cli/audit/report-text.ts';
import { resultsText } from '../../../cli/audit/results-text.ts';
import { DeniedError } from '../../../core/errors.ts';

const report = auditAccount(JSON.parse(readFileSync('examples/acme-account.json', 'utf8')));
const plain = layoutOf(pc.createColors(false), 80);
const longest = (text: string): number =>
  Math.max(...text.split('\n').map((line) => line.trimEnd().length));

describe('names', () => {
  it.each([
    ['arn:aws:iam::123456789012:role/ci-deploy', 'role/ci-deploy'],
    ['arn:aws:iam::123456789012:role/a/b/ci', 'role/ci'],
    ['arn:aws:iam::aws:policy/ReadOnlyAccess', 'policy/ReadOnlyAccess'],
    ['arn:aws:lambda:us-east-1:123456789012:sample/any', 'any lambda'],
    ['arn:aws:lambda:us-east-1:123456789012:function:one', 'lambda us-east-1 function:one'],
    ['arn:aws:s3:::bucket/key', 's3 bucket/key'],
    ['trust policy', 'trust policy'],
  ])('%s is %s', (arn, name) => {
    expect(shortArn(arn)).toBe(name);
  });

  it('inside a text are shortened where they are IAM ones', () => {
    const text = '- arn:aws:iam::aws:policy/X: Allow * on arn:aws:s3:::one';

    expect(shortArns(text)).toBe('- policy/X: Allow * on arn:aws:s3:::one');
  });

  it('and words fit their place', () => {
    expect([counted(1, 'plan'), counted(2, 'plan')]).toEqual(['1 plan', '2 plans']);
    expect([cut('abcdef', 6), cut('abcdef', 4)]).toEqual(['abcdef', 'abc…']);
    expect(continued('Makes')).toBe('makes');
  });
});

describe('a layout', () => {
  it.each([
    [undefined, 100],
    [0, 100],
    [20, 60],
    [80, 80],
    [300, 110],
  ])('of %p columns has %i', (columns, wanted) => {
    expect(layoutOf(pc.createColors(false), columns).columns).toBe(wanted);
  });
});

describe('the text of a report', () => {
  it('counts every finding once in each direction', () => {
    const numbers = (line: string) => (line.match(/\d+/g) ?? []).map(Number);
    const lines = findingTable(report.findings, plain).split('\n').slice(1);
    const rows = lines.map((line) => numbers(line.replaceAll('·', '0')));
    const all = rows.at(-1) ?? [];

    expect(all.at(-1)).toBe(report.findings.length);
    for (const row of rows) {
      const [total = 0, ...counts] = row.toReversed();
      expect(counts.reduce((sum, each) => sum + each, 0)).toBe(total);
    }
  });

  it('lists the worst first and says how much it left out', () => {
    const text = findingList(report.findings, plain, { principals: 1, findingsEach: 2 });
    const rest = report.findings.length - 25;

    expect(text).toMatch(/^ {2}■ critical user heidi\.security {2}25 findings/);
    expect(text).toContain('… 23 more');
    expect(text).toContain(`… and ${rest} findings`);
  });

  it('stays within the width, plans too', () => {
    const bounds = { principals: 50, findingsEach: 50 };

    expect(longest(findingList(report.findings, plain, bounds))).toBeLessThanOrEqual(80);
    expect(
      longest(planList(report.plans, plain).replaceAll(/^ {2}(user|role).*$/gm, '')),
    ).toBeLessThanOrEqual(80);
  });

  it('says so where there is nothing', () => {
    const empty = { ...report, findings: [], plans: [] };

    expect(reportText(empty, plain)).toContain('no findings');
  });
});

describe('the text of results', () => {
  it('counts by status and gives the reason of each plan that did not commit', () => {
    const results = [
      { proposalId: 'p1', status: 'committed', transaction: { id: 'tx-1' } },
      {
        proposalId: 'p2',
        status: 'stuck',
        transaction: {
          id: 'tx-2',
          reason: { code: 'failed', message: 'somebody else changed it' },
        },
      },
      { proposalId: 'p3', status: 'refused', error: new DeniedError('denied', 'not permitted') },
      { proposalId: 'p4', status: 'not-proposed' },
    ] as unknown as readonly PlanResult[];
    const after = { ...report, findings: report.findings.slice(1) };

    const text = resultsText({ before: report, results, after }, plain);

    expect(text).toContain('4 plans: 1 committed · 1 stuck · 1 refused · 1 not-proposed');
    expect(text).toContain('tx-2  somebody else changed it');
    expect(text).toContain('p3  not permitted');
    expect(text).not.toContain('tx-1');
    expect(text).toContain(`1 finding gone, ${report.findings.length - 1} findings left`);
  });
});
