import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import pc from 'picocolors';
import { diffLines } from '../../../cli/view/diff.ts';

const plain = pc.createColors(false);

describe('the diff of a step', () => {
  test('shows what goes and what comes, and what stays', () => {
    const before = { attached: true, uniqueId: 'A' };
    const after = { attached: false, uniqueId: 'A' };

    expect(diffLines(before, after, plain)).toEqual([
      '  {',
      '-   "attached": true,',
      '+   "attached": false,',
      '    "uniqueId": "A"',
      '  }',
    ]);
  });

  test('opens policy documents and does not mind the order of the state', () => {
    const before = { uniqueId: 'A', document: '{"b":1,"a":2}' };
    const after = { document: '{"b":1,"a":3}', uniqueId: 'A' };

    const lines = diffLines(before, after, plain);

    expect(lines.filter((line) => !line.startsWith(' '))).toEqual(['-     "a": 2', '+     "a": 3']);
  });

  test('is empty of signs for equal states', () => {
    const lines = diffLines({ a: ['x'] }, { a: ['x'] }, plain);

    expect(lines.every((line) => line.startsWith(' '))).toBe(true);
  });

  test('holds both sides whole, whatever they are', () => {
    const state = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 6 });
    fc.assert(
      fc.property(state, state, (before, after) => {
        const lines = diffLines(before, after, plain);
        const side = (gone: string) =>
          lines.filter((line) => line[0] !== gone).map((line) => line.slice(2));

        expect(side('+')).toEqual(diffLines(before, before, plain).map((line) => line.slice(2)));
        expect(side('-')).toEqual(diffLines(after, after, plain).map((line) => line.slice(2)));
      }),
      { numRuns: 200, verbose: true },
    );
  });
});
