import { describe, expect, test } from '@jest/globals';
import { FOREIGN_JSON, NESTING_MAX, parseStrictJson } from '../../../api/strict-json.ts';
import { InvalidInputError } from '../../../core/errors.ts';

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const REFUSED: readonly (readonly [string, string, string, string])[] = [
  ['a missing value', '{\n  "a": }', 'invalid-json', '2:8'],
  ['a text that is cut', '{"a": [1, 2', 'invalid-json', '1:12'],
  ['a string that is cut', '{"a": "b', 'invalid-json', '1:9'],
  ['no text', '', 'invalid-json', '1:1'],
  ['a trailing comma', '[1,]', 'invalid-json', '1:4'],
  ['a control character in a string', '["a\nb"]', 'invalid-json', '1:4'],
  ['two texts', '{} {}', 'invalid-json', '1:4'],
  ['a key that comes twice', '{"a": 1,\n "a": 2}', 'duplicate-key', '2:2'],
  ['a key that comes twice with one value', '{"a": 1, "a": 1}', 'duplicate-key', '1:10'],
  ['a key written in two ways', '{"a": 1, "\\u0061": 2}', 'duplicate-key', '1:10'],
  ['a key after a nested object', '{"a": {"b": 1}, "a": 2}', 'duplicate-key', '1:17'],
  ['an integer beyond 2^53', '{"n": 9007199254740993}', 'integer-too-large', '1:7'],
  ['a negative integer beyond 2^53', '[-9007199254740993]', 'integer-too-large', '1:2'],
  ['an integer of 400 digits', `[${'9'.repeat(400)}]`, 'integer-too-large', '1:2'],
  ['the key `__proto__`', '{"x": {"__proto__": {"a": 1}}}', 'forbidden-key', '1:8'],
  ['an escaped `__proto__`', '{"\\u005f_proto__": 1}', 'forbidden-key', '1:2'],
  ['a float', '[1.5]', 'float-not-allowed', '1:2'],
  ['an exponent', '[1e3]', 'float-not-allowed', '1:2'],
  ['a null', '{"a": null}', 'null-not-allowed', '1:7'],
  ['deep nesting', nested(NESTING_MAX + 1), 'too-deep', `1:${NESTING_MAX + 1}`],
  ['very deep nesting', nested(1_000_000), 'too-deep', `1:${NESTING_MAX + 1}`],
  ['very deep nesting that is cut', '['.repeat(1_000_000), 'too-deep', `1:${NESTING_MAX + 1}`],
];

describe('strict JSON', () => {
  test.each(REFUSED)('refuses %s', (_, text, code, place) => {
    const error = refusalOf(text);

    expect(error.code).toBe(code);
    expect(error.message).toContain(`\`file.json\` at ${place}: `);
    expect(error.message.length).toBeLessThan(200);
  });

  test.each([
    ['quotes and braces in strings', '{"a": "x\\\\", "b": "{\\"c\\": [", "c": ":,1.5 null"}'],
    ['brackets behind an escaped quote', JSON.stringify([`"${'['.repeat(NESTING_MAX + 1)}`])],
    ['brackets behind an escaped backslash', JSON.stringify(['\\\\', ['['.repeat(100)], '\\'])],
    ['one key in two objects', '[{"a": 1}, {"a": {"a": 2}}]'],
    ['equal strings in an array', '["a", "a"]'],
    ['the largest integers', '[9007199254740991, -9007199254740991, 0]'],
    ['keys with spaces around the colon', '{"a" \n:\t1}'],
    ['nesting at the bound', nested(NESTING_MAX)],
    ['keys that only look dangerous', '{"constructor": 1, "hasOwnProperty": 2}'],
  ])('parses %s as the runtime does', (_, text) => {
    expect(parseStrictJson(text, 'file.json')).toEqual(JSON.parse(text));
  });

  test('parses floats and nulls where they are allowed', () => {
    expect(parseStrictJson('[1.5, null]', 'file.json', FOREIGN_JSON)).toEqual([1.5, null]);
  });

  test('still refuses what two readers would understand differently there', () => {
    expect(refusalOf('[9007199254740993]', FOREIGN_JSON).code).toBe('integer-too-large');
    expect(refusalOf('{"a": null, "a": null}', FOREIGN_JSON).code).toBe('duplicate-key');
  });
});

function refusalOf(text: string, allowance = {}): InvalidInputError {
  try {
    parseStrictJson(text, 'file.json', allowance);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error('the text was accepted');
}
