import { InvalidInputError } from '../core/errors.ts';
import {
  type CompiledSet,
  type CompiledStatement,
  compiledStatements,
  setHoldsAll,
} from './compiled.ts';
import type { PrincipalGrants } from './principal.ts';

/** Whether it is proved that a change grants nothing new, and in words why. */
export interface Containment {
  readonly proved: boolean;
  readonly reason: string;
}

/** A statement and the policy that it stands in. */
interface Rule extends CompiledStatement {
  readonly source: string;
}

/** What decides on a principal's calls: (`allows` within `bounds`) without `denies`. */
interface Rules {
  readonly allows: readonly Rule[];
  readonly denies: readonly Rule[];
  readonly bounds?: readonly Rule[];
}

/**
 * Proves that `after` grants no call that `before` did not: each Allow is covered by those of
 * before, each Deny of before is covered by one of now, the boundary stays, narrows, or is a first
 * one. Sound for every request and context, not complete: what it cannot prove may still be
 * narrower. Conditions are compared by their text; a document that cannot be read proves nothing.
 * Never throws for what a document says.
 */
export function grantsNothingNew(before: PrincipalGrants, after: PrincipalGrants): Containment {
  try {
    const doubt = firstDoubt(rulesOf(before), rulesOf(after));
    return doubt === undefined
      ? { proved: true, reason: reasonOf(before, after) }
      : { proved: false, reason: doubt };
  } catch (error) {
    if (error instanceof InvalidInputError) return { proved: false, reason: error.message };
    throw error;
  }
}

function reasonOf(before: PrincipalGrants, after: PrincipalGrants): string {
  const bound =
    before.boundary === undefined && after.boundary !== undefined
      ? 'a boundary comes'
      : 'no boundary goes';
  return `each Allow statement is covered by those of before; no Deny statement goes and ${bound}`;
}

// INVARIANT: (A' within B') without D' is in (A within B) without D when A' is in A, B' in B and D
// in D'.
function firstDoubt(before: Rules, after: Rules): string | undefined {
  const gained = after.allows.find((each) => !isCovered(each, before.allows));
  if (gained !== undefined)
    return `${placeOf(gained)} allows what may not have been allowed before`;
  const lost = before.denies.find((each) => !isCovered(each, after.denies));
  if (lost !== undefined) return `${placeOf(lost)} denies what may not be denied any more`;
  if (before.bounds === undefined) return undefined;
  if (after.bounds === undefined) return 'the permissions boundary would go';
  const widened = after.bounds.find((each) => !isCovered(each, before.bounds ?? []));
  return widened === undefined
    ? undefined
    : `${placeOf(widened)} allows what the boundary of before may not have`;
}

const placeOf = (rule: Rule): string => `\`${rule.source}\` statement ${rule.index + 1}`;

function rulesOf({ identity, boundary }: PrincipalGrants): Rules {
  const own = identity.flatMap((each) => rulesIn(each.source, each.documentText));
  const bounds = boundary === undefined ? [] : rulesIn('boundary', boundary);
  return {
    allows: own.filter(isAllow),
    denies: [...own, ...bounds].filter((each) => !isAllow(each)),
    ...(boundary === undefined ? {} : { bounds: bounds.filter(isAllow) }),
  };
}

const isAllow = (rule: Rule): boolean => rule.statement.effect === 'Allow';

function rulesIn(source: string, documentText: string): readonly Rule[] {
  try {
    return compiledStatements(documentText).map((each) => ({ ...each, source }));
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    const message = `\`${source}\` cannot be read: ${cause.message}`;
    throw new InvalidInputError(cause.code, message, { cause });
  }
}

/**
 * Pairs of an action pattern and a resource pattern that are looked at for one statement, at most.
 */
const PAIRS_MAX = 20_000;

/** True only when every call of the statement is one of the wide ones', all of the same effect. */
function isCovered(narrow: Rule, wide: readonly Rule[]): boolean {
  if (wide.some((each) => each.form === narrow.form)) return true;
  const meeting = wide.filter((each) =>
    [...each.conditionForms].every((condition) => narrow.conditionForms.has(condition)),
  );
  const holds = (actions: CompiledSet, resources: CompiledSet): boolean =>
    meeting.some(
      (each) => setHoldsAll(each.resources, resources) && setHoldsAll(each.actions, actions),
    );
  if (holds(narrow.actions, narrow.resources)) return true;
  // One statement may be covered by several, each by a part of it.
  const actions = partsOf(narrow.actions);
  const resources = partsOf(narrow.resources);
  if (actions.length * resources.length > PAIRS_MAX) return false;
  return actions.every((action) => resources.every((resource) => holds(action, resource)));
}

const partsOf = (set: CompiledSet): readonly CompiledSet[] =>
  set.kind === 'except' ? [set] : set.patterns.map((each) => ({ ...set, patterns: [each] }));
