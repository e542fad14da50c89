import type { PlanResult } from '../../agents/iam-auditor/agent.ts';
import type { AppliedAudit } from './apply.ts';
import { counted, cut, type Layout } from './layout.ts';

/** What became of the plans, for people: counts, and each that did not commit with its reason. */
export function resultsText({ before, results, after }: AppliedAudit, layout: Layout): string {
  const { colors } = layout;
  const counts = [...Map.groupBy(results, (each) => each.status)]
    .map(([status, of]) => statusText(status, `${of.length} ${status}`, layout))
    .join(colors.dim(' · '));
  const others = results.filter((each) => each.status !== 'committed');
  const gone = before.findings.length - after.findings.length;
  const left =
    after.findings.length === 0
      ? colors.green('none is left')
      : `${counted(after.findings.length, 'finding')} left`;
  return [
    `  ${counted(results.length, 'plan')}: ${counts === '' ? 'nothing to do' : counts}`,
    ...others.map((each) => resultLine(each, layout)),
    `  ${counted(gone, 'finding')} gone, ${left}`,
  ].join('\n');
}

/** One plan that did not commit. */
function resultLine(result: PlanResult, { colors, columns }: Layout): string {
  const text =
    result.status === 'refused'
      ? result.error.message
      : result.status === 'not-proposed'
        ? 'not proposed: interrupted'
        : (result.transaction.reason?.message ?? result.status);
  const id = 'transaction' in result ? result.transaction.id : result.proposalId;
  return cut(`    ${colors.bold(id)}  ${text}`, columns);
}

function statusText(status: PlanResult['status'], text: string, { colors }: Layout): string {
  if (status === 'committed') return colors.green(text);
  return status === 'stuck' ? colors.bold(colors.red(text)) : colors.yellow(text);
}
