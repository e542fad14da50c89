import { parse as parseForMessage } from 'lossless-json';
import { InvalidInputError } from '../core/errors.ts';

/** How deep arrays and objects of an input may be nested. */
export const NESTING_MAX = 64;

/** What a document may hold besides strings, booleans, integers, arrays and objects. */
export interface JsonAllowance {
  readonly floats?: boolean;
  readonly nulls?: boolean;
}

/** Everything that a JSON file of somebody else's making may hold. */
export const FOREIGN_JSON: JsonAllowance = { floats: true, nulls: true };

/**
 * Parses JSON that no two readers understand differently; `place` names the text in messages.
 * Throws `InvalidInputError` with line and column: `invalid-json`, `duplicate-key`,
 * `integer-too-large` (beyond 2^53), `forbidden-key` (`__proto__`), `too-deep`, and unless allowed
 * `float-not-allowed`, `null-not-allowed`.
 */
export function parseStrictJson(
  text: string,
  place: string,
  allowance: JsonAllowance = {},
): unknown {
  const value = parseOrUndefined(text);
  const scan: Scan = { text, place, allowance, isValid: value !== undefined };
  checkTokens(scan);
  if (value === undefined) throw invalidJson(scan);
  return value;
}

interface Scan {
  readonly text: string;
  readonly place: string;
  readonly allowance: JsonAllowance;
  readonly isValid: boolean;
}

// JSON text never parses to undefined.
function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const TOKEN = /[{}[\]":,]|-?\d[\d.eE+-]*|null/g;

/** Walks the tokens; text that does not parse is only checked for its depth. */
function checkTokens(scan: Scan): void {
  const { text } = scan;
  // One entry for each open container: the keys of an object, undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  const token = new RegExp(TOKEN);
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === '{' || found === '[') {
      open.push(found === '{' ? new Set() : undefined);
      if (open.length > NESTING_MAX)
        throw at(scan, match.index, 'too-deep', `nesting is deeper than ${NESTING_MAX}`);
    } else if (found === '}' || found === ']') open.pop();
    else if (found === '"') {
      token.lastIndex = endOfString(text, match.index);
      if (scan.isValid && isColonNext(text, token.lastIndex))
        checkKey(scan, { start: match.index, end: token.lastIndex, keys: open.at(-1) });
    } else if (scan.isValid) checkScalar(scan, found, match.index);
  }
}

/** The index behind the closing quote. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return text.length;
}

function isColonNext(text: string, index: number): boolean {
  let next = index;
  while (/\s/.test(text[next] ?? '')) next += 1;
  return text[next] === ':';
}

function checkKey(
  scan: Scan,
  found: { readonly start: number; readonly end: number; readonly keys: Set<string> | undefined },
): void {
  const { start, end, keys } = found;
  const key = JSON.parse(scan.text.slice(start, end)) as string;
  if (key === '__proto__') throw at(scan, start, 'forbidden-key', 'the key `__proto__` is refused');
  if (keys?.has(key) === true)
    throw at(scan, start, 'duplicate-key', `the key \`${shown(key)}\` appears twice`);
  keys?.add(key);
}

function checkScalar({ allowance, ...scan }: Scan, found: string, index: number): void {
  const fail = (code: string, message: string) => at({ ...scan, allowance }, index, code, message);
  if (found === ':' || found === ',') return;
  if (found === 'null') {
    if (allowance.nulls !== true)
      throw fail('null-not-allowed', 'null is refused; leave the field out');
  } else if (/[.eE]/.test(found)) {
    if (allowance.floats !== true)
      throw fail('float-not-allowed', `\`${shown(found)}\` is not an integer`);
  } else if (!Number.isSafeInteger(Number(found)))
    throw fail('integer-too-large', `the integer \`${shown(found)}\` is beyond 2^53`);
}

const SHOWN_CHARACTERS_MAX = 64;

function shown(text: string): string {
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}...`;
}

/** Says what is wrong and where; the runtime's own message does not always name the place. */
function invalidJson(scan: Scan): InvalidInputError {
  const message = syntaxMessage(scan.text);
  const position = Number(/at position (\d+)$/.exec(message)?.[1] ?? 0);
  const what = message.replace(/ ?at position \d+$/, '');
  return at(scan, position, 'invalid-json', `not JSON: ${what[0]?.toLowerCase()}${what.slice(1)}`);
}

function syntaxMessage(text: string): string {
  try {
    parseForMessage(text);
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
  }
  return 'the text does not parse';
}

function at(scan: Scan, index: number, code: string, message: string): InvalidInputError {
  const before = scan.text.slice(0, index);
  const line = before.split('\n').length;
  const column = index - before.lastIndexOf('\n');
  return new InvalidInputError(code, `\`${scan.place}\` at ${line}:${column}: ${message}`);
}
