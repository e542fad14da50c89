import { type CompiledStatement, compiledStatements } from '../../iam/compiled.ts';
import type { PatternSet } from '../../iam/document.ts';
import { covers, intersects } from '../../iam/pattern.ts';
import type { Subject } from './enumerate.ts';

/** Whether it is proved that a change grants nothing new, and in words why. */
export interface Containment {
  readonly proved: boolean;
  readonly text: string;
}

/**
 * Proves that `after` grants nothing that `before` did not: every Allow statement is covered by one of
 * before, every Deny statement of before is still there, and the boundary stays or is new. Sound, not
 * complete: what it cannot prove may still be narrower.
 */
export function grantsNothingNew(before: Subject, after: Subject): Containment {
  const old = statementsOf(before);
  const now = statementsOf(after);
  const gained = now.filter(
    (each) => isAllow(each) && !old.some((wide) => isCoveredBy(each, wide)),
  );
  if (gained.length > 0)
    return { proved: false, text: `${gained.length} statements are not covered by one of before` };
  const forms = new Set(now.filter((each) => !isAllow(each)).map((each) => each.form));
  const lost = old.filter((each) => !isAllow(each) && !forms.has(each.form));
  if (lost.length > 0) return { proved: false, text: `${lost.length} Deny statements would go` };
  const bound = before.boundary;
  const isKept =
    bound === undefined ||
    (after.boundary?.arn === bound.arn && after.boundary.documentText === bound.documentText);
  if (!isKept) return { proved: false, text: `boundary \`${bound.arn}\` would go` };
  const allows = now.filter(isAllow).length;
  return {
    proved: true,
    text: `each of ${allows} Allow statements is covered by one of before; no Deny statement and no boundary goes`,
  };
}

const statementsOf = (subject: Subject): readonly CompiledStatement[] =>
  subject.sources.flatMap((each) => compiledStatements(each.documentText));

const isAllow = (each: CompiledStatement): boolean => each.statement.effect === 'Allow';

function isCoveredBy(narrow: CompiledStatement, wide: CompiledStatement): boolean {
  if (!isAllow(wide)) return false;
  if (narrow.form === wide.form) return true;
  // Policy variables mean something in one version only: equal texts are not compared across versions.
  const text = JSON.stringify([narrow.statement.resources, wide.statement.resources]);
  if (narrow.variables !== wide.variables && text.includes('${')) return false;
  return (
    setCovers(folded(wide.statement.actions), folded(narrow.statement.actions)) &&
    resourcesCover(wide.statement.resources, narrow.statement.resources) &&
    [...wide.conditionForms].every((each) => narrow.conditionForms.has(each))
  );
}

const folded = ({ kind, patterns }: PatternSet): PatternSet => ({
  kind,
  patterns: patterns.map((each) => each.toLowerCase()),
});

function resourcesCover(wide: PatternSet, narrow: PatternSet): boolean {
  if (wide.kind === 'only' && wide.patterns.includes('*')) return true;
  const sorted = ({ kind, patterns }: PatternSet): string =>
    JSON.stringify([kind, [...new Set(patterns)].sort()]);
  if (sorted(wide) === sorted(narrow)) return true;
  const isPlain = ![...wide.patterns, ...narrow.patterns].some((each) => each.includes('${'));
  return isPlain && setCovers(wide, narrow);
}

function setCovers(wide: PatternSet, narrow: PatternSet): boolean {
  if (wide.kind === 'only') {
    if (narrow.kind === 'except') return wide.patterns.some((each) => covers(each, '*'));
    return narrow.patterns.every((each) => wide.patterns.some((one) => covers(one, each)));
  }
  // `wide` is everything but its patterns: `narrow` must have none of those.
  return narrow.kind === 'except'
    ? wide.patterns.every((each) => narrow.patterns.some((one) => covers(one, each)))
    : narrow.patterns.every((each) => wide.patterns.every((one) => !intersects(one, each)));
}
