import { describe, expect, test } from '@jest/globals';
import { EXIT, exitCodeOf, exitCodeOfDrift, exitCodeOfError } from '../../../cli/exit-codes.ts';
import {
  AnswerLostError,
  CancelledError,
  ConflictError,
  DeniedError,
  EvidenceError,
  HaltedError,
  IdempotencyError,
  InvalidInputError,
  InvariantError,
  NotFoundError,
  StuckError,
  TransientError,
} from '../../../core/errors.ts';
import type { ReasonCode, Status } from '../../../core/transaction.ts';

const STATUSES: readonly (readonly [Status, ReasonCode | undefined, number])[] = [
  ['committed', undefined, 0],
  ['rejected', 'denied', 7],
  ['rejected', 'conflict', 5],
  ['rejected', 'failed', 5],
  ['rejected', 'expired', 5],
  ['rejected', 'halted', 5],
  ['rejected', 'cancelled', 3],
  // An effect was there and was undone: no longer "before any effect".
  ['compensated', 'denied', 5],
  ['compensated', 'failed', 5],
  ['compensated', 'halted', 5],
  ['compensated', 'cancelled', 3],
  ['stuck', 'failed', 10],
  ['stuck', 'cancelled', 10],
  ['awaiting-approval', undefined, 8],
  ['parked', undefined, 8],
  ['proposed', undefined, 8],
  ['running', undefined, 8],
  ['compensating', undefined, 8],
];

describe('exit codes', () => {
  test.each(STATUSES)('a %s transaction with reason %s ends with %d', (status, code, expected) => {
    const reason = code === undefined ? {} : { reason: { code } };

    expect(exitCodeOf({ status, ...reason })).toBe(expected);
  });

  test.each([
    [new InvalidInputError('x', ''), 2],
    [new IdempotencyError('x', ''), 2],
    [new CancelledError('x', ''), 3],
    [new HaltedError('x', ''), 5],
    [new ConflictError('r', 'h'), 5],
    [new EvidenceError('x', ''), 6],
    [new DeniedError('x', ''), 7],
    [new StuckError('x', ''), 10],
    [new NotFoundError('x', ''), 1],
    [new TransientError('x', ''), 1],
    [new AnswerLostError('x', ''), 1],
    [new InvariantError('x'), 1],
    [new TypeError('x'), 1],
    ['a text', 1],
  ])('%p ends with %d', (error, expected) => {
    expect(exitCodeOfError(error)).toBe(expected);
  });

  test.each([
    [[], 0],
    [['held'], 8],
    [['drifted'], 11],
    [['drifted', 'held'], 11],
    [['unreadable', 'drifted', 'held'], 1],
  ])('a look at the account that finds %j ends with %d', (found, expected) => {
    const some = (name: string) => (found.includes(name) ? [{}] : []);
    const report = {
      ok: found.length === 0,
      footprints: 1,
      drifted: some('drifted'),
      held: some('held'),
      unreadable: some('unreadable'),
    };

    expect(exitCodeOfDrift(report as never)).toBe(expected);
  });

  test('every number has one meaning', () => {
    const numbers = Object.values(EXIT);

    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
