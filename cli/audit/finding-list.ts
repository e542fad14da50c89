import type { Finding } from '../../agents/iam-auditor/finding.ts';
import { counted, cut, type Layout } from './layout.ts';
import { continued, shortArn } from './names.ts';
import { paint, rankOf } from './severity.ts';

/** How much of the findings is listed. */
export interface ListBounds {
  readonly principals: number;
  readonly findingsEach: number;
}

/** The principals with the worst findings first, each with its worst ones and their paths. */
export function findingList(
  findings: readonly Finding[],
  layout: Layout,
  bounds: ListBounds,
): string {
  const groups = [...Map.groupBy(findings, (each) => each.principal.arn).values()]
    .map((group) => group.toSorted(byRank))
    .sort((left, right) => byRank(left[0], right[0]) || right.length - left.length);
  const shown = groups.slice(0, bounds.principals);
  const lines = shown.flatMap((group) => groupLines(group, layout, bounds.findingsEach));
  const rest = groups.slice(bounds.principals).flat().length;
  const more = `  … and ${counted(rest, 'finding')} of ${counted(groups.length - shown.length, 'more principal')}`;
  return [...lines, ...(rest === 0 ? [] : [layout.colors.dim(more)])].join('\n');
}

const rankFrom = (finding: Finding | undefined): number =>
  finding === undefined ? 0 : rankOf(finding.severity);
const byRank = (left?: Finding, right?: Finding): number => rankFrom(left) - rankFrom(right);

function groupLines(group: readonly Finding[], layout: Layout, max: number): readonly string[] {
  const [worst] = group;
  if (worst === undefined) return [];
  const { colors } = layout;
  const { type, name } = worst.principal;
  const left = group.filter((each) => each.remediation?.kind !== 'plan').length;
  const fate = left === 0 ? 'a plan closes all' : `${left} without a plan`;
  const label = paint(colors, worst.severity, `  ■ ${worst.severity.padEnd(9)}`);
  const count = colors.dim(`${counted(group.length, 'finding')}, ${fate}`);
  return [
    `${label}${colors.dim(type)} ${colors.bold(name)}  ${count}`,
    ...group.slice(0, max).map((each) => findingLine(each, layout)),
    ...(group.length > max ? [colors.dim(`${INDENT}… ${group.length - max} more`)] : []),
  ];
}

const INDENT = ' '.repeat(13);

function findingLine(finding: Finding, { colors, columns }: Layout): string {
  const text = `${INDENT}${whatOf(finding)}`;
  const hops = hopsOf(finding);
  if (hops === '') return cut(text, columns);
  const line = cut(text, columns - 4);
  const room = columns - line.length - 3;
  return room < 12 ? line : `${line} ${colors.dim(cut(`→ ${hops}`, room))}`;
}

/** The message without its beginning, which only says whom it is about. */
function whatOf({ message, principal }: Finding): string {
  const start = `${principal.type} \`${principal.name}\``;
  const rest = message.startsWith(start) ? message.slice(start.length) : message;
  // The path behind it names whose permissions they are.
  return continued(rest.replace(/^:? /, '').replace(/; gains the permissions of [^;]+$/, ''));
}

const hopsOf = ({ path }: Finding): string => path.slice(2).map(shortArn).join(' → ');
