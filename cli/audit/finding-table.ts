import Table from 'cli-table3';
import type { Finding } from '../../agents/iam-auditor/finding.ts';
import type { Layout } from './layout.ts';
import { paint, SEVERITIES } from './severity.ts';

const BORDERLESS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' },
  ...{ 'bottom-left': '', 'bottom-right': '', left: ' ', 'left-mid': '', mid: '', 'mid-mid': '' },
  ...{ right: '', 'right-mid': '', middle: ' ' },
};

/** How many findings there are of each category and severity. */
export function findingTable(findings: readonly Finding[], { colors }: Layout): string {
  const severities = SEVERITIES.filter((each) => findings.some((one) => one.severity === each));
  const table = new Table({
    head: ['category', ...severities.map((each) => paint(colors, each, each)), 'all'],
    colAligns: ['left', ...severities.map(() => 'right' as const), 'right'],
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1 },
  });
  const rows = Map.groupBy(findings, (each) => each.category);
  const row = (label: string, of: readonly Finding[]): string[] => [
    label,
    ...severities.map((severity) => {
      const count = of.filter((each) => each.severity === severity).length;
      return count === 0 ? colors.dim('·') : paint(colors, severity, String(count));
    }),
    colors.bold(String(of.length)),
  ];
  const sorted = [...rows].sort(([, left], [, right]) => right.length - left.length);
  for (const [category, of] of sorted) table.push(row(category, of));
  table.push(row(colors.dim('all'), findings));
  return table.toString();
}
