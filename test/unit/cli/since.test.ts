import { expect, test } from '@jest/globals';
import { sinceOf } from '../../../cli/since.ts';

const NOW = Date.UTC(2026, 10, 25, 12);

test.each([
  ['30d', Date.UTC(2026, 9, 26, 12)],
  ['0d', NOW],
  ['12h', Date.UTC(2026, 10, 25)],
  ['5m', Date.UTC(2026, 10, 25, 11, 55)],
  ['2026-11-24', Date.UTC(2026, 10, 24)],
  ['2026-11-24T06:30:00Z', Date.UTC(2026, 10, 24, 6, 30)],
  ['2026-11-24T06:30:00.250+02:00', Date.UTC(2026, 10, 24, 4, 30, 0, 250)],
])('`%s` is a time', (text, expected) => {
  expect(sinceOf(text, NOW)).toBe(expected);
});

// A time without a zone would be another one on another machine.
test.each(['', '30', 'd', '-1d', '1.5d', '30 days', '2026', '2026-13-01', '2026-11-24T06:30:00'])(
  '`%s` is none',
  (text) => {
    expect(sinceOf(text, NOW)).toBeUndefined();
  },
);
