import { everyAction } from './action-list.ts';
import { type Holder, holdersOf } from './documents.ts';
import {
  isTotal,
  type PlainStatement,
  type Reach,
  reachSpans,
  statementsOf,
} from './statements.ts';

/** An action that a principal may do after a change as it could not before. */
export interface Gain {
  readonly principalArn: string;
  /** In lower case; `*` where a document cannot be read on one of the two sides only. */
  readonly action: string;
}

/**
 * Asks every action of AWS for every user and role of two GAAD files, straight from "Policy
 * evaluation logic" of the IAM user guide: possible is what some Allow names, no unconditional Deny
 * on all resources takes away, and the boundary names too. What was possible is a gain as well
 * where a resource pattern is new, a condition is dropped, or a lesser Deny is gone. It may call a
 * gain what is none (an Allow that several cover only together); it owes nothing to the code that
 * it checks.
 */
export function gains(beforeGaad: unknown, afterGaad: unknown): readonly Gain[] {
  const old = new Map(holdersOf(beforeGaad).map((each) => [each.arn, each]));
  const nobody = { identity: [], boundary: undefined };
  const actions = [...everyAction(), 'no-service:anything'];
  return holdersOf(afterGaad).flatMap((after) => {
    const before = old.get(after.arn) ?? { arn: after.arn, ...nobody };
    const gained = unreadable(before) === unreadable(after) ? [] : ['*'];
    const pair = [powersOf(before), powersOf(after)] as const;
    for (const action of actions) {
      if (isGain(accessTo(action, pair[0]), accessTo(action, pair[1]))) gained.push(action);
    }
    return gained.map((action) => ({ principalArn: after.arn, action }));
  });
}

function unreadable({ identity, boundary }: Holder): string {
  const isBroken = (text: string): boolean => statementsOf(text) === undefined;
  const bound = boundary !== undefined && isBroken(boundary) ? [`boundary ${boundary}`] : [];
  return JSON.stringify([...new Set(identity.filter(isBroken)), ...bound].sort());
}

/** The statements of a principal; a boundary that cannot be read is no bound. */
interface Powers {
  readonly own: readonly PlainStatement[];
  readonly bound: readonly PlainStatement[] | undefined;
}

const powersOf = ({ identity, boundary }: Holder): Powers => ({
  own: identity.flatMap((text) => statementsOf(text) ?? []),
  bound: boundary === undefined ? undefined : statementsOf(boundary),
});

/** What a principal's statements say of one action. */
interface Access {
  readonly allows: readonly Reach[];
  readonly bounds: readonly Reach[] | undefined;
  readonly denies: readonly Reach[];
}

function accessTo(action: string, { own, bound }: Powers): Access | undefined {
  const said = own.filter((each) => each.hasAction(action));
  const bounds = bound?.filter((each) => each.hasAction(action));
  const allows = reachesOf(said, false);
  const denies = reachesOf([...said, ...(bounds ?? [])], true);
  const allowedByBound = bounds === undefined ? undefined : reachesOf(bounds, false);
  const isPossible =
    allows.length > 0 && allowedByBound?.length !== 0 && !denies.some((each) => isTotal(each));
  return isPossible ? { allows, bounds: allowedByBound, denies } : undefined;
}

const reachesOf = (statements: readonly PlainStatement[], isDeny: boolean): readonly Reach[] =>
  statements.filter((each) => each.isDeny === isDeny).flatMap((each) => each.reaches);

function isGain(before: Access | undefined, after: Access | undefined): boolean {
  if (after === undefined) return false;
  if (before === undefined) return true;
  const isWithin = (wide: readonly Reach[], narrow: readonly Reach[]): boolean =>
    narrow.every((each) => wide.some((one) => reachSpans(one, each)));
  if (!isWithin(before.allows, after.allows)) return true;
  if (!isWithin(after.denies, before.denies)) return true;
  if (before.bounds === undefined) return false;
  return after.bounds === undefined || !isWithin(before.bounds, after.bounds);
}
