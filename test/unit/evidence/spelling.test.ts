import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { strictText } from '../../../core/evidence/canonical.ts';
import { isCanonicalSpelling } from '../../../core/evidence/spelling.ts';
import { say } from './support/shared-vectors.ts';

const DEPTH_MAX = 64;
const SEED = 20261126;

function isTaken(text: string): boolean {
  return isCanonicalSpelling(JSON.parse(text), text, DEPTH_MAX);
}

/** What the writer says of a text: the truth. */
function isCanonical(text: string): boolean {
  try {
    return strictText(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

/** Pieces of JSON in canonical and other spellings, many of equal length. */
const scalar = fc.constantFrom(
  ...['0', '-0', '1', '10', '1e1', '100', '1e2', '1E2', '200', '2e2', '1500', '15e2', '1.5', '0e0'],
  ...['-100', '-1e2', '12', '1e3', '1000', '9007199254740993', '1e400', 'null', 'true', 'false'],
  ...['""', '"a"', '"\\n"', '"\\u000a"', '"\\u001f"', '"\\u001F"', '"/"', '"\\/"', '"\\\\"'],
  ...[
    '"\\""',
    '"\\u0022"',
    '"\\ud800"',
    '"\\\\ud800"',
    '"é"',
    '"\\u00e9"',
    '"\\\\\\\\"',
    '"\\\\n"',
  ],
);
const space = fc.constantFrom('', '', '', '', ' ', '\n', '  ');
const key = fc.constantFrom(
  '""',
  '"a"',
  '"b"',
  '"\\u0061"',
  '"1"',
  '"10"',
  '"9"',
  '"a/"',
  '"__proto__"',
);
const text = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc
      .tuple(space, fc.array(tie('json'), { maxLength: 3 }), space)
      .map(([before, items, after]) => {
        return `[${before}${items.join(',')}${after}]`;
      }),
    fc
      .tuple(space, fc.array(fc.tuple(key, space, tie('json')), { maxLength: 3 }))
      .map(([before, members]) => {
        const inner = members.map(([name, gap, value]) => `${name}:${gap}${value}`);
        return `{${before}${inner.join(',')}}`;
      }),
  ),
})).json;

describe('the short way to tell a canonical spelling', () => {
  it('never takes a text that the writer would not write', () => {
    let canonical = 0;
    let taken = 0;
    fc.assert(
      fc.property(text, (spelt) => {
        if (isCanonical(spelt)) canonical++;
        if (!isTaken(spelt)) return;
        taken++;
        expect(isCanonical(spelt)).toBe(true);
      }),
      { seed: SEED, numRuns: 20_000 },
    );
    say(`spelling: seed ${SEED}, ${taken} taken of ${canonical} canonical ones in 20000`);

    expect(taken).toBeGreaterThan(1000);
  });

  it('takes what records are made of', () => {
    for (const spelt of [
      '{"a":"text","b":[1,23,-4,true,false],"c":{},"d":[]}',
      '"{\\"Version\\":\\"2012-10-17\\"}"',
      '"a\\\\b\\nc"',
      '{"é":"😀"}',
      '{"":{"__proto__":1}}',
    ]) {
      expect(`${spelt} ${isTaken(spelt)}`).toBe(`${spelt} true`);
    }
  });

  it.each([
    ['an exponent of the same length', '[1e2]'],
    ['an exponent that makes room for a space', '[1e3 ]'],
    ['a control character in capitals', '["\\u001F"]'],
    ['members in another order', '{"b":1,"a":2}'],
    ['members that are enumerated in order, but do not stand so', '{"b":1,"1":2}'],
    ['a doubled member', '{"a":1,"a":1}'],
    ['a lone surrogate', '["\\ud800"]'],
    ['null', '[null]'],
    ['a fraction', '[1.5]'],
    ['minus zero', '[-0]'],
    ['too large a number', '[9007199254740992]'],
    ['an infinite number', '[1e400]'],
  ])('leaves %s to the writer', (_, spelt) => {
    expect(isTaken(spelt)).toBe(false);
  });
});
