import type { PermissionStatement } from './action.ts';
import { InvalidInputError, InvariantError } from './errors.ts';

/**
 * STS takes an inline session policy of at most so many characters ("AssumeRole", STS API
 * reference).
 */
export const SESSION_POLICY_CHARACTERS_MAX = 2048;

const TIME_KEY = 'aws:CurrentTime';
/** Operators that read `*` and `?` as wildcards ("Condition operators", IAM user guide). */
const WILDCARD_OPERATOR = /^(Arn|StringLike|StringNotLike)/;

type ConditionBlock = NonNullable<PermissionStatement['condition']>;

/**
 * The statements as the text of an IAM session policy that allows them and nothing else; the same
 * for the same statements in whatever order. `notAfterMs` (epoch ms) ends each of them at that
 * moment. Names are taken literally: a `*`, `?` or `${` in an ARN is escaped, only the resource `*`
 * is every resource. Throws `InvalidInputError` `session-policy-too-large` above the bound.
 */
export function sessionPolicyText(
  statements: readonly PermissionStatement[],
  notAfterMs?: number,
): string {
  if (statements.length === 0) throw new InvariantError('a session policy must allow something');
  const bound = notAfterMs === undefined ? undefined : momentText(notAfterMs);
  const parts = statements.map((each) => JSON.stringify(allowOf(each, bound)));
  const text = `{"Version":"2012-10-17","Statement":[${[...new Set(parts)].sort().join(',')}]}`;
  if (text.length > SESSION_POLICY_CHARACTERS_MAX) {
    throw new InvalidInputError(
      'session-policy-too-large',
      `session policy has ${text.length} characters, at most ${SESSION_POLICY_CHARACTERS_MAX} fit`,
      { hint: 'use targets with shorter names and paths' },
    );
  }
  return text;
}

function allowOf(statement: PermissionStatement, bound: string | undefined): object {
  const resources = statement.resources.map((each) => (each === '*' ? each : literal(each)));
  const condition = conditionOf(statement.condition ?? {}, bound);
  return {
    Effect: 'Allow',
    Action: oneOrSorted(statement.actions),
    Resource: oneOrSorted(resources),
    ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
  };
}

function conditionOf(own: ConditionBlock, bound: string | undefined): ConditionBlock {
  const literals = mapSorted(own, (keys, operator) =>
    mapSorted(keys, (value) =>
      WILDCARD_OPERATOR.test(operator) ? literal(value) : withoutVariables(value),
    ),
  );
  if (bound === undefined) return literals;
  const dates = literals['DateLessThan'] ?? {};
  const earliest = earlier(dates[TIME_KEY] ?? bound, bound);
  return mapSorted(
    { ...literals, DateLessThan: mapSorted({ ...dates, [TIME_KEY]: earliest }, (date) => date) },
    (keys) => keys,
  );
}

const earlier = (one: string, other: string): string =>
  Date.parse(one) < Date.parse(other) ? one : other;

function mapSorted<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, key: string) => To,
): Readonly<Record<string, To>> {
  const entries = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, change(value, key)]));
}

function oneOrSorted(texts: readonly string[]): string | readonly string[] {
  const [only, ...others] = [...new Set(texts)].sort();
  if (only === undefined) throw new InvariantError('a statement must name actions and resources');
  return others.length === 0 ? only : [only, ...others];
}

// `${*}`, `${?}` and `${$}` stand for the characters themselves ("Policy variables", IAM user
// guide).
const escaped = (one: string): string => `\${${one}}`;

const literal = (text: string): string => text.replace(/[*?]|\$(?=\{)/g, escaped);

const withoutVariables = (text: string): string => text.replace(/\$(?=\{)/g, escaped);

/** RFC 3339 in UTC, with milliseconds only where there are some. */
function momentText(epochMs: number): string {
  const moment = new Date(epochMs);
  if (Number.isNaN(moment.getTime())) throw new InvariantError('a session must end at a moment');
  return moment.toISOString().replace('.000Z', 'Z');
}
