import {
  allOf,
  anyOf,
  type KnownContext,
  not,
  resolveVariable,
  type Tri,
  valuesOf,
} from './context.ts';
import type { Condition } from './document.ts';
import { compilePattern, fillPattern, matchesPattern, type Pattern } from './glob.ts';
import { inBlock } from './ip.ts';
import type { Comparison } from './operators.ts';

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const NUMBER = /^[+-]?\d+(\.\d+)?$/;

/**
 * Whether every condition of a statement holds. `variables` is true for documents of version
 * 2012-10-17.
 */
export function evaluateConditions(
  conditions: readonly Condition[],
  known: KnownContext,
  variables: boolean,
): Tri {
  if (conditions.length === 0) return 'yes';
  return allOf(conditions.map((condition) => evaluateCondition(condition, known, variables)));
}

/**
 * Whether one condition holds, by IAM's rules: an absent key satisfies the `Not` operators,
 * `IfExists` and `ForAllValues`, and nothing else. A key not known to be absent, and a value that
 * does not parse: `depends`.
 */
export function evaluateCondition(
  condition: Condition,
  known: KnownContext,
  variables: boolean,
): Tri {
  const { operator, set, ifExists, values } = condition;
  const found = valuesOf(known, condition.key);
  if (found === 'unknown') return 'depends';
  if (operator.family === 'null') {
    const wanted = found === 'absent' ? 'true' : 'false';
    return values.some((value) => value.toLowerCase() === wanted) ? 'yes' : 'no';
  }
  if (found === 'absent') {
    if (ifExists || set === 'ForAllValues') return 'yes';
    return operator.negated && set === undefined ? 'yes' : 'no';
  }
  const holds = found.map((actual) => {
    const match = anyOf(values.map((value) => compare(condition, value, actual, known, variables)));
    return operator.negated ? not(match) : match;
  });
  const all = set === 'ForAllValues' || (set === undefined && operator.negated);
  return all ? allOf(holds) : anyOf(holds);
}

/** Whether one value of the policy, its variables filled in, matches one value of the request. */
function compare(
  condition: Condition,
  value: string,
  actual: string,
  known: KnownContext,
  variables: boolean,
): Tri {
  const { family, comparison, negated } = condition.operator;
  const pattern = valuePattern(value, variables);
  const filled = pattern.variables ? fillIn(pattern, known) : pattern;
  if (filled === 'unknown') return 'depends';
  // IAM lets a variable without a value match nothing; what its negation means is not written down.
  if (filled === 'absent') return negated ? 'depends' : 'no';
  if (family === 'string' && comparison === 'like') return tri(matchesPattern(filled, actual));
  if (family === 'arn') return matchesArn(filled, actual);
  const text = pattern.variables || value.includes('${') ? plainText(filled) : value;
  if (family === 'numeric') return ordered(comparison, readNumber(actual), readNumber(text));
  if (family === 'date') return ordered(comparison, readDate(actual), readDate(text));
  if (family === 'ip') return tri(inBlock(actual, text));
  if (family === 'bool' || comparison === 'equals-ignore-case') {
    return tri(actual.toLowerCase() === text.toLowerCase());
  }
  return tri(actual === text);
}

const tri = (answer: boolean | undefined): Tri =>
  answer === undefined ? 'depends' : answer ? 'yes' : 'no';

const PATTERNS_MAX = 10_000;
const patterns = new Map<string, Pattern>();

function valuePattern(value: string, variables: boolean): Pattern {
  const key = `${variables ? '+' : '-'}${value}`;
  const known = patterns.get(key);
  if (known !== undefined) return known;
  if (patterns.size >= PATTERNS_MAX) patterns.clear();
  const pattern = compilePattern(value, { variables });
  patterns.set(key, pattern);
  return pattern;
}

/** The pattern with its variables replaced by the context's values, character for character. */
export function fillIn(pattern: Pattern, known: KnownContext): Pattern | 'absent' | 'unknown' {
  let missing: 'absent' | 'unknown' | undefined;
  const filled = fillPattern(pattern, (variable) => {
    const value = resolveVariable(known, variable);
    if (typeof value === 'object') return value.text;
    missing = missing === 'absent' ? missing : value;
    return '';
  });
  return missing ?? filled;
}

const plainText = (pattern: Pattern): string =>
  pattern.literal ??
  pattern.tokens
    .map((token) => (token.length === 2 && /^[*?]/.test(token) ? token.charAt(0) : token))
    .join('');

/**
 * Each of an ARN's six parts is matched by itself, so that no wildcard crosses the first five
 * colons.
 */
function matchesArn(pattern: Pattern, actual: string): Tri {
  const wanted = splitTokens(pattern.tokens);
  const parts = actual.split(':');
  if (pattern.tokens.length === 1 && pattern.tokens[0] === '**') return 'yes';
  if (wanted.length < 6 || parts.length < 6) return 'no';
  const given = [...parts.slice(0, 5), parts.slice(5).join(':')];
  return tri(
    wanted.every((tokens, index) =>
      matchesPattern({ tokens, variables: false }, given[index] ?? ''),
    ),
  );
}

function splitTokens(tokens: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  for (const token of tokens) {
    if (token === ':' && parts.length < 6) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

function readNumber(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined;
}

/** Milliseconds of an ISO 8601 date, or of seconds since 1970; a date without a zone is UTC. */
function readDate(text: string): number | undefined {
  if (/^\d+$/.test(text) && text.length > 4) return Number(text) * 1_000;
  if (!DATE.test(text)) return undefined;
  const zoned = text.includes('T') && !/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text;
  const milliseconds = Date.parse(zoned);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function ordered(
  comparison: Comparison,
  actual: number | undefined,
  wanted: number | undefined,
): Tri {
  if (actual === undefined || wanted === undefined) return 'depends';
  if (comparison === 'lt') return tri(actual < wanted);
  if (comparison === 'le') return tri(actual <= wanted);
  if (comparison === 'gt') return tri(actual > wanted);
  if (comparison === 'ge') return tri(actual >= wanted);
  return tri(actual === wanted);
}
