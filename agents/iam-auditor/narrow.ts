import { matchesAction } from '../../iam/pattern.ts';
import type { Cut } from './finding.ts';

interface RawStatement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
}

const listOf = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? [value] : value;

/**
 * The document without what the cuts take away; Deny statements stay as they are. Undefined when nothing
 * is left, the same text when nothing had to go. The document must have been parsed before.
 */
export function narrowDocument(text: string, cuts: readonly Cut[]): string | undefined {
  const document = JSON.parse(text) as { readonly Statement: RawStatement | RawStatement[] };
  const before = [document.Statement].flat();
  const after = before.flatMap((each) => {
    const narrowed = each.Effect === 'Allow' ? cuts.reduce(narrowStatement, each) : each;
    return narrowed === undefined ? [] : [narrowed];
  });
  if (after.length === 0) return undefined;
  const isSame = after.length === before.length && after.every((each, at) => each === before[at]);
  return isSame ? text : JSON.stringify({ ...document, Statement: after });
}

function narrowStatement(statement: RawStatement | undefined, cut: Cut): RawStatement | undefined {
  if (statement?.NotAction !== undefined) return narrowExcept(statement, cut);
  if (statement?.Action === undefined) return statement;
  const patterns = listOf(statement.Action);
  if (!patterns.some((each) => matchesAction(each, cut.probe))) return statement;
  const left = patterns.flatMap((each) => narrowPattern(each, cut));
  return left.length === 0 ? undefined : { ...statement, Action: [...new Set(left)] };
}

function narrowExcept(statement: RawStatement, cut: Cut): RawStatement | undefined {
  const patterns = listOf(statement.NotAction ?? []);
  if (patterns.some((each) => matchesAction(each, cut.probe))) return statement;
  return cut.except === '*' ? undefined : { ...statement, NotAction: [...patterns, cut.except] };
}

function narrowPattern(pattern: string, cut: Cut): readonly string[] {
  if (!matchesAction(pattern, cut.probe)) return [pattern];
  const service = cut.probe.slice(0, cut.probe.indexOf(':'));
  return pattern.toLowerCase().replace(/\*+$/, '*') === `${service}:*` ? cut.keep : [];
}
