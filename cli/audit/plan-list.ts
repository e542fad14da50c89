import type { Proposal } from '../../agents/iam-auditor/propose.ts';
import { counted, cut, type Layout } from './layout.ts';
import { shortArn, shortArns } from './names.ts';

/** Each plan: whom it narrows, its steps, what goes and what comes. */
export function planList(
  plans: readonly Proposal[],
  layout: Layout,
  linesMax: number = Number.POSITIVE_INFINITY,
): string {
  return plans.map((plan) => planText(plan, layout, linesMax)).join('\n');
}

function planText(
  { plan, principalArn, findingIds, diff }: Proposal,
  layout: Layout,
  linesMax: number,
) {
  const { colors } = layout;
  const steps = plan.steps.map((each) => each.action.replace('iam:', '')).join(' → ');
  const title = `  ${colors.bold(shortArn(principalArn))}  ${colors.dim(`closes ${findingIds.length}:`)} ${steps}`;
  const shown = diff.slice(0, linesMax).map((line) => diffLine(line, layout));
  const more = diff.length - shown.length;
  return [
    title,
    ...shown,
    ...(more > 0 ? [colors.dim(`    … ${counted(more, 'more line')}`)] : []),
  ].join('\n');
}

function diffLine(line: string, { colors, columns }: Layout): string {
  const text = cut(`    ${shortArns(line)}`, columns);
  return line.startsWith('-') ? colors.red(text) : colors.green(text);
}
