/**
 * True only if a text is the canonical form of the value that was parsed from it; false says nothing
 * (the writer decides). It compares lengths instead of writing the text again, which is the larger
 * part of the cost of verification:
 *
 * - Every other spelling of a value is longer than the canonical one: whitespace, doubled members,
 *   fractions, needless escapes and `\uXXXX` all add characters. Except numbers with an exponent
 *   (`1e2`, `12e3`), which are looked for by themselves, and another order of members.
 * - The order of members is that in which they are enumerated, but for keys that begin with a digit.
 *
 * Where one of these exceptions could stand, the answer is false.
 */
export function isCanonicalSpelling(value: unknown, text: string, depthMax: number): boolean {
  const escapes = escapeCount(text);
  hasHundreds = false;
  if (escapes === undefined || lengthOf(value, depthMax) + escapes !== text.length) return false;
  return !hasHundreds || !hasExponent(text);
}

// Whether the value at hand holds a multiple of 100: no other number has a spelling with an
// exponent that is as short. Kept here since to hand it through each level would cost a tenth.
let hasHundreds = false;

/** Whether a number of a JSON text has an exponent: what is within strings is passed over. */
function hasExponent(text: string): boolean {
  for (let at = 0; ; ) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    for (; at < end; at++) {
      // The other letter e is the last of `true` and `false`.
      if ((text.charCodeAt(at) | 0x20) === LETTER_E && isDigit(text.charCodeAt(at - 1)))
        return true;
    }
    if (quote < 0) return false;
    at = endOfString(text, quote + 1);
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start; ; ) {
    const quote = text.indexOf('"', at);
    let first = quote;
    while (text.charCodeAt(first - 1) === BACKSLASH) first--;
    at = quote + 1;
    if ((quote - first) % 2 === 0) return at;
  }
}

/** Characters that escapes of two add to the strings of a text; undefined for the needless `\/`. */
function escapeCount(text: string): number | undefined {
  let count = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at + 2)) {
    if (text.charCodeAt(at + 1) === SLASH) return undefined;
    count++;
  }
  return count;
}

const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const LETTER_E = 0x65;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/** Length of the canonical text without its escapes; NaN where doubt is left. */
function lengthOf(value: unknown, depthLeft: number): number {
  switch (typeof value) {
    case 'string':
      return value.length + 2;
    case 'number':
      return lengthOfNumber(value);
    case 'boolean':
      return value ? 4 : 5;
    default:
      if (value === null || depthLeft === 0) return Number.NaN;
      return Array.isArray(value)
        ? lengthOfArray(value, depthLeft - 1)
        : lengthOfObject(value as Readonly<Record<string, unknown>>, depthLeft - 1);
  }
}

function lengthOfNumber(value: number): number {
  if (value >= 0 && value < 10 && Number.isInteger(value)) return 1;
  if (!Number.isSafeInteger(value)) return Number.NaN;
  if (value % 100 === 0) hasHundreds = true;
  return String(value).length;
}

function lengthOfArray(values: readonly unknown[], depthLeft: number): number {
  let length = values.length === 0 ? 2 : values.length + 1;
  for (let index = 0; index < values.length; index++) length += lengthOf(values[index], depthLeft);
  return length;
}

function lengthOfObject(members: Readonly<Record<string, unknown>>, depthLeft: number): number {
  let length = 1;
  let previous: string | undefined;
  for (const key in members) {
    const first = key.charCodeAt(0);
    if (isDigit(first)) return Number.NaN;
    if (previous !== undefined && !(previous < key)) return Number.NaN;
    length += key.length + 4 + lengthOf(members[key], depthLeft);
    previous = key;
  }
  return previous === undefined ? 2 : length;
}

function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_9;
}
