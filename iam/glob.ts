/** Token of `*`: any run of characters, also none. */
export const ANY_RUN = '**';
/** Token of `?`: any one character. */
export const ANY_ONE = '??';

/**
 * A wildcard pattern taken apart. A token is one literal character, `ANY_RUN`, `ANY_ONE`, or a
 * policy variable such as `${aws:username}` that stands for a text not known yet.
 */
export interface Pattern {
  readonly tokens: readonly string[];
  /** The whole text where the pattern has neither wildcard nor variable. */
  readonly literal?: string;
  readonly variables: boolean;
}

/** How a pattern's text is read. */
export interface PatternOptions {
  /** Action names are compared without case. */
  readonly ignoreCase?: boolean;
  /** `${...}` is a policy variable (documents of version 2012-10-17), else plain characters. */
  readonly variables?: boolean;
}

const VARIABLE = /\$\{([^}]*)\}/y;
const ESCAPES = new Set(['*', '?', '$']);

/**
 * Takes a pattern apart; runs of wildcards are put in one order (`*?*` is `?*`), so equal languages
 * look equal.
 */
export function compilePattern(text: string, options: PatternOptions = {}): Pattern {
  const tokens: string[] = [];
  let variables = false;
  const source = options.ignoreCase === true ? text.toLowerCase() : text;
  for (let at = 0; at < source.length; ) {
    VARIABLE.lastIndex = at;
    const variable = options.variables === true ? VARIABLE.exec(source) : null;
    if (variable !== null) {
      const name = variable[1] ?? '';
      // `${*}`, `${?}` and `${$}` are those characters themselves.
      if (ESCAPES.has(name)) tokens.push(name);
      else tokens.push(variable[0]);
      variables ||= !ESCAPES.has(name);
      at += variable[0].length;
      continue;
    }
    const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
    tokens.push(character === '*' ? ANY_RUN : character === '?' ? ANY_ONE : character);
    at += character.length;
  }
  const ordered = orderWildcards(tokens);
  const fixed = !variables && !ordered.some(isWildcard);
  return { tokens: ordered, variables, ...(fixed ? { literal: ordered.join('') } : {}) };
}

const isWildcard = (token: string): boolean => token === ANY_RUN || token === ANY_ONE;

/** True for a token that is a policy variable. */
export const isVariable = (token: string): boolean => token.startsWith('${');

function orderWildcards(tokens: readonly string[]): readonly string[] {
  const ordered: string[] = [];
  let run = false;
  for (const token of tokens) {
    if (token === ANY_RUN) run = true;
    else {
      if (token !== ANY_ONE && run) {
        ordered.push(ANY_RUN);
        run = false;
      }
      ordered.push(token);
    }
  }
  if (run) ordered.push(ANY_RUN);
  return ordered;
}

/**
 * The pattern with every variable widened to `*`: whatever the variables hold, it matches at least
 * as much.
 */
export function relax(pattern: Pattern): Pattern {
  if (!pattern.variables) return pattern;
  const tokens = orderWildcards(
    pattern.tokens.map((token) => (isVariable(token) ? ANY_RUN : token)),
  );
  return { tokens, variables: false };
}

/**
 * True when the text, already folded like the pattern, matches. A variable matches nothing: resolve
 * it first.
 */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  if (pattern.literal !== undefined) return pattern.literal === text;
  if (pattern.tokens.length === 1 && pattern.tokens[0] === ANY_RUN) return true;
  const ascii = isAscii(text);
  return greedyMatch(pattern.tokens, ascii ? text : Array.from(text), symbolMatches);
}

// Only characters beyond the basic plane take two units; those texts are split by code point.
const isAscii = (text: string): boolean => !/[\ud800-\udfff]/.test(text);

const symbolMatches = (token: string, symbol: string): boolean =>
  token === ANY_ONE || token === symbol;

/** Classic wildcard match with one point of return: linear but for repeated runs. */
function greedyMatch(
  tokens: readonly string[],
  text: string | readonly string[],
  accepts: (token: string, symbol: string) => boolean,
): boolean {
  let token = 0;
  let at = 0;
  let runToken = -1;
  let runAt = 0;
  while (at < text.length) {
    const current = tokens[token];
    if (current === ANY_RUN) {
      runToken = token++;
      runAt = at;
    } else if (current !== undefined && accepts(current, text[at] ?? '')) {
      token++;
      at++;
    } else if (runToken >= 0) {
      token = runToken + 1;
      at = ++runAt;
    } else return false;
  }
  while (tokens[token] === ANY_RUN) token++;
  return token === tokens.length;
}

/** Quick and sound: reads the narrow pattern's tokens as if they were characters. */
export function plainlyCovers(wide: Pattern, narrow: Pattern): boolean {
  return greedyMatch(
    wide.tokens,
    narrow.tokens,
    (token, symbol) =>
      token === symbol || (token === ANY_ONE && symbol !== ANY_RUN && !isVariable(symbol)),
  );
}

/** The pattern with each variable replaced by a text, in which `*` and `?` are plain characters. */
export function fillPattern(pattern: Pattern, textOf: (variable: string) => string): Pattern {
  const tokens = pattern.tokens.flatMap((token) =>
    isVariable(token) ? Array.from(textOf(token)) : [token],
  );
  const fixed = !tokens.some(isWildcard);
  return { tokens, variables: false, ...(fixed ? { literal: tokens.join('') } : {}) };
}
