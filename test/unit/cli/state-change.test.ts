import { describe, expect, test } from '@jest/globals';
import pc from 'picocolors';
import { stateChange } from '../../../cli/view/state-change.ts';

const plain = pc.createColors(false);
const document = (action: string) => JSON.stringify({ Action: action });

describe('a change of states', () => {
  test('without documents is one line a field', () => {
    const before = { uniqueId: 'A', attached: true };
    const after = { uniqueId: 'A', attached: false };

    expect(stateChange([before, after], plain)).toEqual(['attached: true -> false']);
    expect(stateChange([before, after, before], plain)).toEqual([
      'attached: true -> false -> true',
    ]);
  });

  test('says what was not there, and that nothing changed', () => {
    const [none, some] = [{ uniqueId: 'A' }, { uniqueId: 'A', boundary: 'arn:b' }];

    expect(stateChange([none, some], plain)).toEqual(['boundary: none -> arn:b']);
    expect(stateChange([some, some], plain)).toEqual(['no change']);
  });

  test('of a document is line by line, there and back', () => {
    const before = { document: document('a:B') };
    const after = { document: document('a:C') };

    const changed = (lines: readonly string[]) => lines.filter((line) => !line.startsWith(' '));
    expect(changed(stateChange([before, after, before], plain))).toEqual([
      '-     "Action": "a:B"',
      '+     "Action": "a:C"',
      'and back:',
      '-     "Action": "a:C"',
      '+     "Action": "a:B"',
    ]);
  });

  test('is in colour where there is one', () => {
    const colors = pc.createColors(true);

    const [line = ''] = stateChange([{ attached: true }, { attached: false }], colors);

    expect(line).toBe(`attached: ${colors.red('true')} -> ${colors.green('false')}`);
  });
});
