import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesOfText, hexOf } from '../../../core/evidence/bytes.ts';
import {
  DEPTH_MAX,
  parseStrict,
  strictBytes,
  strictText,
} from '../../../core/evidence/canonical.ts';
import { canonicalText } from '../../../core/hash.ts';
import { codeOf } from './support/code-of.ts';
import { say, sharedVectors } from './support/shared-vectors.ts';

interface Vector {
  readonly desc: string;
  readonly input: string;
  readonly output: string;
  readonly isRefused?: boolean;
}

const VECTORS: readonly Vector[] = JSON.parse(readFileSync('test/vectors/jcs.json', 'utf8'));

describe('our own vectors of RFC 8785', () => {
  it.each(VECTORS)('$desc', ({ input, output, isRefused }) => {
    const value: unknown = JSON.parse(input);

    expect(canonicalText(value)).toBe(output);
    if (isRefused === true) {
      expect(codeOf(() => strictText(value))).toBe('record-not-canonical');
      expect(codeOf(() => parseStrict(bytesOfText(output)))).toBe('record-not-canonical');
    } else {
      expect(strictText(value)).toBe(output);
      expect(strictText(parseStrict(bytesOfText(output)))).toBe(output);
    }
    if (input !== output) {
      expect(codeOf(() => parseStrict(bytesOfText(input)))).toBe('record-not-canonical');
    }
  });
});

describe('the shared vectors of RFC 8785', () => {
  it('have the output that they name, or are refused for a null or a fraction', () => {
    const outputs = new Map(sharedVectors('jcs/output').map(({ path, bytes }) => [path, bytes]));
    const hexes = new Map(sharedVectors('jcs/outhex').map(({ path, bytes }) => [path, bytes]));
    const inputs = sharedVectors('jcs/input');
    let refused = 0;
    for (const { path, bytes } of inputs) {
      const value: unknown = JSON.parse(bytes.toString('utf8'));
      const output = outputs.get(path)?.toString('utf8');

      const hex = hexes.get(path.replace('.json', '.txt'))?.toString('utf8');

      expect(canonicalText(value)).toBe(output);
      expect(hexOf(bytesOfText(canonicalText(value)))).toBe(hex?.replaceAll(/\s/g, ''));
      if (/null|\d\.\d|\de/.test(output ?? '')) {
        expect(codeOf(() => strictText(value))).toBe('record-not-canonical');
        refused++;
      } else {
        expect(strictText(value)).toBe(output);
      }
    }
    say(`jcs vectors: ${inputs.length} ran, ${refused} hold what evidence refuses`);
  });
});

describe('the canonical form of evidence', () => {
  const seed = 20261125;

  it('is the one of RFC 8785 on all of its domain', () => {
    const value = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'binary' }),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.array(tie('json'), { maxLength: 4 }),
        fc.dictionary(fc.oneof(fc.string({ unit: 'binary' }), fc.nat().map(String)), tie('json'), {
          maxKeys: 4,
        }),
      ),
    })).json;
    say(`canonical form: seed ${seed}`);

    fc.assert(
      fc.property(value, (json) => {
        expect(strictText(json)).toBe(canonicalText(json));
        expect(strictText(parseStrict(strictBytes(json)))).toBe(strictText(json));
      }),
      { seed, numRuns: 500 },
    );
  });

  it.each([
    ['a space', '{"a": 1}'],
    ['a newline', '{"a":1}\n'],
    ['key order', '{"b":1,"a":2}'],
    ['key order within', '[{"a":{"b":1,"a":2}}]'],
    ['key order of numbers', '{"9":1,"10":2}'],
    ['a doubled key', '{"a":1,"a":1}'],
    ['a needless escape', '["\\u0061"]'],
    ['an escape in capitals', '["\\u001F"]'],
    ['an escaped slash', '["\\/"]'],
    ['a long escape of a newline', '["\\u000a"]'],
    ['a fraction of zero', '[1.0]'],
    ['an exponent', '[1e2]'],
    ['minus zero', '[-0]'],
    ['a lone surrogate', '["\\ud800"]'],
    ['a lone surrogate in a key', '{"\\udc00":1}'],
    ['an integer beyond 2^53', '[9007199254740993]'],
    ['null', '[null]'],
  ])('refuses bytes with %s', (_, text) => {
    expect(codeOf(() => parseStrict(bytesOfText(text)))).toBe('record-not-canonical');
  });

  it('takes an escaped backslash before the letters of a surrogate', () => {
    expect(parseStrict(bytesOfText('["\\\\ud800"]'))).toEqual(['\\ud800']);
  });

  it('keeps a key `__proto__` as a key', () => {
    const value = parseStrict(bytesOfText('{"__proto__":1}'));

    expect(Object.keys(value as object)).toEqual(['__proto__']);
  });

  it('refuses what is not JSON, not UTF-8 or begins with a byte order mark', () => {
    expect(codeOf(() => parseStrict(bytesOfText('{')))).toBe('not-json');
    expect(codeOf(() => parseStrict(new Uint8Array(0)))).toBe('not-json');
    expect(codeOf(() => parseStrict(bytesOfText('\uFEFF1')))).toBe('not-json');
    expect(codeOf(() => parseStrict(Uint8Array.of(0x22, 0xff, 0x22)))).toBe('not-utf-8');
    expect(codeOf(() => parseStrict(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)))).toBe(
      'not-utf-8',
    );
  });

  it('bounds the nesting, also of what would overflow the stack', () => {
    const nested = (depth: number) => bytesOfText('['.repeat(depth) + ']'.repeat(depth));

    expect(parseStrict(nested(DEPTH_MAX))).toBeDefined();
    expect(codeOf(() => parseStrict(nested(DEPTH_MAX + 1)))).toBe('record-not-canonical');
    expect(codeOf(() => parseStrict(nested(100_000)))).toBe('record-not-canonical');
  });

  it.each([
    ['undefined', { a: undefined }],
    ['a function', { a: () => 1 }],
    ['a bigint', [1n]],
    ['NaN', [Number.NaN]],
    ['a date', [new Date(0)]],
    ['a map', new Map()],
    ['null', null],
  ])('is not made of %s', (_, value) => {
    expect(codeOf(() => strictText(value))).toBe('record-not-canonical');
  });
});
