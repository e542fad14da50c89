import { describe, expect, test } from '@jest/globals';
import { isDominatedBy, protocolFaults, reachable } from '../../../core/asl/graph.ts';
import { parseMachine } from '../../../core/asl/machine.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import { TASKS } from '../../../core/tasks/index.ts';
import { choiceOf, type Raw, stateOf, textOfMachine, validated } from './deployed-machine.ts';

const read = (): Raw => JSON.parse(textOfMachine('transaction'));
const mutated = (mutate: (raw: Raw) => void): Raw => {
  const raw = read();
  mutate(raw);
  return raw;
};

describe('the state machine that is deployed', () => {
  test('is valid Amazon States Language for an independent validator', () => {
    const answer = validated(textOfMachine('transaction'));

    expect(answer.errors).toEqual([]);
    expect(answer.isValid).toBe(true);
  });

  test('has no fault of the protocol', () => {
    const machine = parseMachine(read());

    const faults = protocolFaults(machine);

    expect(faults).toEqual([]);
  });

  test('has a task for every Task state and a Task state for every task', () => {
    const machine = parseMachine(read());
    const resources = Object.values(machine.States).flatMap((state) =>
      state.Type === 'Task' ? [state.Resource.slice(2, -1)] : [],
    );

    expect([...resources].sort()).toEqual(Object.keys(TASKS).sort());
  });

  test('cannot be entered at Execute, Verify or Escalate', () => {
    const machine = parseMachine(read());
    const entries = machine.States['Enter?'];

    const targets = entries?.Type === 'Choice' ? entries.Choices.map((one) => one.Next) : [];

    expect(targets.sort()).toEqual(['Authorize', 'Compensate', 'Preflight', 'Seal']);
    expect(isDominatedBy(machine, 'Verify', 'Execute')).toBe(true);
    expect(isDominatedBy(machine, 'Escalate', 'Compensate')).toBe(true);
  });

  test('can end from every state', () => {
    const machine = parseMachine(read());
    const ends = new Set(
      Object.entries(machine.States)
        .filter(([, state]) => state.Type === 'Succeed' || state.Type === 'Fail')
        .map(([name]) => name),
    );

    for (const name of Object.keys(machine.States)) {
      expect([...reachable(machine, name)].some((one) => ends.has(one))).toBe(true);
    }
  });
});

describe('a mutated state machine', () => {
  const MUTATIONS: readonly (readonly [string, (raw: Raw) => void, RegExp])[] = [
    [
      'enters at Execute',
      (raw) => {
        choiceOf(raw, 'Enter?', 1).Next = 'Execute';
      },
      /`Execute` can be reached without `Authorize`/,
    ],
    [
      'goes on to the next step without a decision',
      (raw) => {
        choiceOf(raw, 'MoreSteps?', 0).Next = 'Execute';
      },
      /`Execute` follows on something else/,
    ],
    [
      'leaves Execute without Verify',
      (raw) => {
        stateOf(raw, 'Execute')['Next'] = 'MoreSteps?';
      },
      /left without `Verify` or `Compensate`/,
    ],
    [
      'seals after a failed Execute',
      (raw) => {
        stateOf(raw, 'Execute')['Catch'] = [
          { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Seal' },
        ];
      },
      /`Execute` does not catch into `Compensate`/,
    ],
    [
      'catches only some errors of Authorize',
      (raw) => {
        stateOf(raw, 'Authorize')['Catch'] = [
          { ErrorEquals: ['DeniedError'], ResultPath: '$.error', Next: 'Compensate' },
        ];
      },
      /`Authorize` does not catch all errors/,
    ],
    [
      'goes on after a denial',
      (raw) => {
        stateOf(raw, 'Authorize')['Catch'] = [
          { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Execute' },
        ];
      },
      /`Authorize` does not catch into `Compensate`/,
    ],
    [
      'runs Execute again where it may have acted',
      (raw) => {
        stateOf(raw, 'Execute')['Retry'] = [
          { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1 },
        ];
      },
      /retried where something may have run/,
    ],
    [
      'ends without a seal',
      (raw) => {
        choiceOf(raw, 'MoreSteps?', 1).Next = 'Committed';
      },
      /`Committed` can be reached without `Seal`/,
    ],
    [
      'gives up a compensation quietly',
      (raw) => {
        stateOf(raw, 'Compensate')['Catch'] = [
          { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Seal' },
        ];
      },
      /`Compensate` does not catch into `Escalate`/,
    ],
    [
      'gives up a compensation whose Lambda died',
      (raw) => {
        const compensate = stateOf(raw, 'Compensate');
        compensate['Retry'] = (compensate['Retry'] as unknown[]).slice(0, -1);
      },
      /`Compensate` is not retried/,
    ],
    [
      'has a state that nothing leads to',
      (raw) => {
        raw.States['Spare'] = { Type: 'Succeed' };
      },
      /`Spare` cannot be reached/,
    ],
  ];

  test.each(MUTATIONS)('%s: the proof fails', (_, mutate, fault) => {
    const machine = parseMachine(mutated(mutate));

    const faults = protocolFaults(machine);

    expect(faults.join('\n')).toMatch(fault);
  });

  const OUTSIDE: readonly (readonly [string, (raw: Raw) => void])[] = [
    ['a Parallel state', (raw) => Object.assign(stateOf(raw, 'Wait'), { Type: 'Parallel' })],
    ['a Task without Catch', (raw) => delete stateOf(raw, 'Execute')['Catch']],
    ['a Task without Retry', (raw) => delete stateOf(raw, 'Seal')['Retry']],
    ['a Task without a time-out', (raw) => delete stateOf(raw, 'Verify')['TimeoutSeconds']],
    [
      'a literal resource',
      (raw) => Object.assign(stateOf(raw, 'Execute'), { Resource: 'arn:aws:lambda' }),
    ],
    ['a Choice without Default', (raw) => delete stateOf(raw, 'Ready?')['Default']],
    [
      'a comparison outside the subset',
      (raw) => Object.assign(choiceOf(raw, 'Ready?', 0), { IsPresent: false }),
    ],
    [
      'a nested variable',
      (raw) => Object.assign(choiceOf(raw, 'Ready?', 0), { Variable: '$.error.Error' }),
    ],
    [
      'a transition to nowhere',
      (raw) => Object.assign(stateOf(raw, 'Execute'), { Next: 'Nowhere' }),
    ],
    ['an unknown field', (raw) => Object.assign(stateOf(raw, 'Execute'), { OutputPath: '$' })],
    [
      'a result path elsewhere',
      (raw) =>
        Object.assign(stateOf(raw, 'Execute'), {
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$', Next: 'Compensate' }],
        }),
    ],
  ];

  test.each(OUTSIDE)('%s is refused at load', (_, mutate) => {
    expect(() => parseMachine(mutated(mutate))).toThrow(InvalidInputError);
  });
});
