import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { strictText } from '../../../core/evidence/canonical.ts';
import { isSameJson } from '../../../core/same-json.ts';

const SEED = 20261125;

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('', 'a', 'b', 0, 1, -1, true, false),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '0', 'length'), tie('value'), { maxKeys: 3 }),
  ),
})).value;

describe('values of the same canonical text', () => {
  test('are the same, and no others', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        expect(isSameJson(one, other)).toBe(strictText(one) === strictText(other));
        expect(isSameJson(one, structuredClone(one))).toBe(true);
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });

  test.each([
    [[], {}],
    [['a'], { 0: 'a', length: 1 }],
    [{ a: undefined }, {}],
    [{ a: undefined }, { b: 1 }],
    [{}, { a: undefined }],
    [
      { a: 1, b: 2 },
      { a: 1, c: 2 },
    ],
  ])('are not %j and %j', (one, other) => {
    expect(isSameJson(one, other)).toBe(false);
    expect(isSameJson(other, one)).toBe(false);
  });
});
