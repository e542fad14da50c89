import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseMachine } from '../../../core/asl/machine.ts';

const FILE = new URL('../../../statemachines/transaction.asl.json', `file://${__filename}`);

/** The machine with other error names at one retrier or catcher of Authorize. */
const machineWith = (field: 'Retry' | 'Catch', names: readonly string[]): unknown => {
  const machine = JSON.parse(readFileSync(FILE, 'utf8'));
  machine.States.Authorize[field][0].ErrorEquals = names;
  return machine;
};

describe('an error name that means something else on Step Functions', () => {
  test.each([
    ['Retry', ['States.TaskFailed']],
    ['Retry', ['TransientError', 'States.Timeout']],
    ['Catch', ['States.Runtime']],
    ['Catch', ['DeniedError', 'States.ALL']],
  ] as const)('is refused in a %s: %j', (field, names) => {
    expect(() => parseMachine(machineWith(field, names))).toThrow(
      expect.objectContaining({ code: 'invalid-state-machine' }),
    );
  });

  test('is not `States.ALL` alone, nor a name of ours', () => {
    expect(() => parseMachine(machineWith('Catch', ['States.ALL']))).not.toThrow();
    expect(() => parseMachine(machineWith('Retry', ['TransientError']))).not.toThrow();
  });
});
