import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseMachine } from '../../../core/asl/machine.ts';
import { next, type Position, start } from '../../../core/asl/next.ts';
import { InvariantError } from '../../../core/errors.ts';

const FILE = new URL('../../../statemachines/transaction.asl.json', `file://${__filename}`);
const machine = parseMachine(JSON.parse(readFileSync(FILE, 'utf8')));
const input = { transactionId: 'tx-1', epoch: 1, stepIndex: 0, next: 'authorize' };
const at = (entry: string): Position => start(machine, { ...input, next: entry });
const returned = (position: Position, to: string): Position =>
  next(machine, position, { kind: 'returned', output: { ...input, next: to } });

describe('an execution', () => {
  test('that is entered where no entry is fails', () => {
    for (const entry of ['execute', 'verify', 'claimed', 'ended', '']) {
      expect(at(entry)).toEqual({ kind: 'failed', state: 'Misrouted', error: 'Misrouted' });
    }
  });

  test('takes the path of a committed step', () => {
    const path: string[] = [];
    let position = at('preflight');

    for (const to of ['authorize', 'execute', 'verify', 'seal', 'committed']) {
      path.push(position.state);
      position = returned(position, to);
    }

    expect(path).toEqual(['Preflight', 'Authorize', 'Execute', 'Verify', 'Seal']);
    expect(position).toMatchObject({ kind: 'succeeded', state: 'Committed' });
  });

  test('retries a transient error with growing delays, then catches it', () => {
    let position = at('authorize');
    const delays: number[] = [];

    for (let i = 0; i < 3; i += 1) {
      position = next(machine, position, { kind: 'threw', error: 'TransientError' });
      delays.push(position.kind === 'task' ? position.delayMs : -1);
      expect(position.state).toBe('Authorize');
    }
    position = next(machine, position, { kind: 'threw', error: 'TransientError', cause: 'busy' });

    expect(delays).toEqual([1000, 2000, 4000]);
    expect(position).toMatchObject({
      kind: 'task',
      state: 'Compensate',
      delayMs: 0,
      retries: [],
      input: { ...input, error: { Error: 'TransientError', Cause: 'busy' } },
    });
  });

  test('catches every other error at once', () => {
    const position = next(machine, at('authorize'), { kind: 'threw', error: 'DeniedError' });

    expect(position).toMatchObject({
      state: 'Compensate',
      input: { error: { Error: 'DeniedError' } },
    });
  });

  test('waits and compensates again', () => {
    const waiting = returned(at('compensate'), 'wait');

    const again = next(machine, waiting, { kind: 'waited' });

    expect(waiting).toMatchObject({ kind: 'wait', seconds: 1 });
    expect(again).toMatchObject({ kind: 'task', state: 'Compensate' });
  });

  test('escalates when a compensation fails for good', () => {
    const position = next(machine, at('compensate'), { kind: 'threw', error: 'StuckError' });

    expect(position).toMatchObject({ kind: 'task', state: 'Escalate' });
  });

  test('does not mutate what it is given', () => {
    const position = at('authorize');
    const before = JSON.stringify(position);

    next(machine, position, { kind: 'threw', error: 'TransientError' });

    expect(JSON.stringify(position)).toBe(before);
  });

  test('refuses an event that cannot happen', () => {
    expect(() => next(machine, at('authorize'), { kind: 'waited' })).toThrow(InvariantError);
    expect(() => next(machine, at('execute'), { kind: 'returned', output: {} })).toThrow(
      InvariantError,
    );
  });
});
