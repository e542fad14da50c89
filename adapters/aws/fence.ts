import {
  KILL_MODES,
  type KillMode,
  type KillScope,
  stricter,
} from '../../core/ports/kill-switch.ts';
import { absent, all, any, type Condition, not, oneOf } from './expressions.ts';
import { type Item, text, textOf } from './store-items.ts';

/** The mode that a text names; one that names none is `halt`. */
export function modeNamed(value: string | undefined, whenAbsent: KillMode): KillMode {
  if (value === undefined) return whenAbsent;
  return KILL_MODES.find((mode) => mode === value) ?? 'halt';
}

/**
 * The strictest mode over `all` and some scopes, each an attribute of the fence. Absent for `all`,
 * or not a mode, is `halt`.
 */
export function modeIn(fence: Item | undefined, scopes: readonly KillScope[]): KillMode {
  return scopes
    .map((scope) => modeNamed(textOf(fence, scope), 'running'))
    .reduce(stricter, modeNamed(textOf(fence, 'all'), 'halt'));
}

/**
 * Holds while no scope, `all` included, is at a refused mode, or at a stricter one: what refuses
 * `halt` lets no `freeze` through.
 */
export function lets(scopes: readonly KillScope[], refuse: readonly KillMode[]): Condition {
  const least = KILL_MODES.findIndex((mode) => refuse.includes(mode));
  const refused = least < 0 ? [] : KILL_MODES.slice(least);
  return all(...['all', ...scopes].map((scope) => letsScope(scope, refused)));
}

function letsScope(scope: KillScope, refused: readonly KillMode[]): Condition {
  const passing = KILL_MODES.filter((mode) => !refused.includes(mode)).map(text);
  // What is not a mode counts as `halt`: it passes only where `halt` does.
  if (refused.includes('halt'))
    return scope === 'all' ? oneOf(scope, passing) : any(absent(scope), oneOf(scope, passing));
  const refusedTexts = refused.map(text);
  return refusedTexts.length === 0
    ? any(absent('pk'), not(absent('pk')))
    : any(absent(scope), not(oneOf(scope, refusedTexts)));
}
