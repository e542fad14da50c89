import { compilePattern, matchesPattern, plainlyCovers } from './glob.ts';
import { findWord } from './language.ts';

/** True when the action's name matches the pattern; case does not count. */
export function matchesAction(pattern: string, action: string): boolean {
  return matchesPattern(compilePattern(pattern, { ignoreCase: true }), action.toLowerCase());
}

/** True when the resource matches the pattern; case counts, and `*` crosses `:` and `/`. */
export function matchesResource(pattern: string, resource: string): boolean {
  return matchesPattern(compilePattern(pattern), resource);
}

/**
 * True only when every text that `narrow` matches is matched by `wide`; exact for `*` and `?` short
 * of a bound on work, beyond which the answer is false. Fold the case of action patterns first.
 */
export function covers(wide: string, narrow: string): boolean {
  const widePattern = compilePattern(wide);
  const narrowPattern = compilePattern(narrow);
  if (plainlyCovers(widePattern, narrowPattern)) return true;
  return findWord({ all: [[narrowPattern]], none: [widePattern] }).kind === 'empty';
}

/** False only when no text matches both patterns. Fold the case of action patterns first. */
export function intersects(one: string, other: string): boolean {
  const all = [[compilePattern(one)], [compilePattern(other)]];
  return findWord({ all, none: [] }).kind !== 'empty';
}
