import type { AuditReport } from '../../agents/iam-auditor/report.ts';
import { findingList, type ListBounds } from './finding-list.ts';
import { findingTable } from './finding-table.ts';
import { counted, type Layout } from './layout.ts';

const LISTED: ListBounds = { principals: 12, findingsEach: 3 };

/** What an audit says, for people: the account, findings by severity and category, the worst first. */
export function reportText(
  report: AuditReport,
  layout: Layout,
  bounds: ListBounds = LISTED,
): string {
  const { findings } = report;
  if (findings.length === 0) return `${accountText(report, layout)}\n\n  no findings`;
  return [
    accountText(report, layout),
    findingTable(findings, layout),
    findingList(findings, layout, bounds),
    coverageText(report, layout),
  ].join('\n\n');
}

/** One line on what was looked at and one on what was left out. */
function accountText({ account, dataVersion }: AuditReport, { colors }: Layout): string {
  const { id, partition, principals, excluded, foreign } = account;
  const left = [
    ...(excluded.length === 0 ? [] : [`${counted(excluded.length, 'role')} of AWS itself`]),
    ...(foreign.length === 0 ? [] : [`${foreign.length} of other accounts (reported only)`]),
  ];
  const second = [
    ...(left.length === 0 ? [] : [`left out: ${left.join(', ')}`]),
    `action data ${dataVersion}`,
  ];
  const first = `  account ${colors.bold(id)} ${colors.dim(`(${partition})`)}  ${counted(principals, 'principal')} audited`;
  return `${first}\n${colors.dim(`  ${second.join(' · ')}`)}`;
}

function coverageText({ findings, plans }: AuditReport, { colors }: Layout): string {
  if (plans.length === 0) return '  no plan: what is left is for people';
  const closed = plans.flatMap((each) => each.findingIds).length;
  const steps = plans.flatMap((each) => each.plan.steps).length;
  const first = `  ${colors.bold(counted(plans.length, 'plan'))} of ${counted(steps, 'step')} would close ${colors.bold(`${closed} of ${findings.length}`)} findings`;
  return `${first}; each is proved to grant nothing new`;
}
