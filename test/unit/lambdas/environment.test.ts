import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { InvariantError } from '../../../core/errors.ts';
import { milliseconds, variable } from '../../../lambdas/environment.ts';

const NAME = 'INTERLOCK_TEST_VARIABLE';
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

let before: NodeJS.ProcessEnv;
beforeEach(() => {
  before = process.env;
  process.env = { ...before };
});
afterEach(() => {
  process.env = before;
});
const set = (value: string | undefined) => {
  if (value === undefined) delete process.env[NAME];
  else process.env[NAME] = value;
};

describe('a variable of a function', () => {
  test.each([undefined, ''])('that is %j is a defect of the deployment, named', (value) => {
    set(value);

    expect(() => variable(NAME)).toThrow(InvariantError);
    expect(() => variable(NAME)).toThrow(NAME);
  });

  test('is read as it stands', () => {
    set(' a value ');

    expect(variable(NAME)).toBe(' a value ');
  });
});

describe('a time of a function', () => {
  test.each([
    undefined,
    '',
    ' ',
    '-1',
    '1.5',
    '5 s',
    '5s',
    '1e3',
    '0x10',
    'NaN',
    'Infinity',
    String(WEEK_MS + 1),
  ])('is not %j', (value) => {
    set(value);

    expect(() => milliseconds(NAME)).toThrow();
  });

  test.each([
    ['0', 0],
    ['15000', 15_000],
    [String(WEEK_MS), WEEK_MS],
  ])('is %s', (value, expected) => {
    set(value);

    expect(milliseconds(NAME)).toBe(expected);
  });
});
