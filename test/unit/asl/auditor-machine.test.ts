import { describe, expect, test } from '@jest/globals';
import { isDominatedBy, reachable } from '../../../core/asl/graph.ts';
import { type Machine, parseMachine, type State, successors } from '../../../core/asl/machine.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import { choiceOf, type Raw, stateOf, textOfMachine, validated } from './deployed-machine.ts';

const TASKS = ['Apply', 'Enumerate', 'Propose', 'Rollback', 'Validate'];
/** Where a task leads when it fails for good. */
const CATCH_TARGETS: Readonly<Record<string, string>> = {
  Enumerate: 'Failed',
  Validate: 'Failed',
  Propose: 'Failed',
  Apply: 'Rollback',
  Rollback: 'Unfinished',
};
/** What must have happened before a state is entered. */
const GATES = [
  ['Validate', 'Enumerate'],
  ['Propose', 'Validate'],
  ['Apply', 'Propose'],
  ['Rollback', 'Apply'],
  ['RolledBack', 'Rollback'],
  ['Unfinished', 'Rollback'],
] as const;
/** What an audit that has begun to end badly must not come to any more. */
const NEVER_AFTER = {
  Rollback: ['Enumerate', 'Validate', 'Propose', 'Apply', 'Done', 'Failed'],
  Failed: TASKS,
  // From here on plans may run: to have failed is to say what was started.
  Apply: ['Enumerate', 'Validate', 'Propose', 'Failed'],
} as const;

const read = (): Raw => JSON.parse(textOfMachine('iam-auditor'));
const caught = (next: string, errors: readonly string[] = ['States.ALL']) => [
  { ErrorEquals: errors, ResultPath: '$.error', Next: next },
];

/** What is wrong with the machine of audits, one sentence each. */
function auditFaults(machine: Machine): readonly string[] {
  const states = Object.entries(machine.States);
  const alive = reachable(machine, machine.StartAt);
  return [
    ...states.flatMap(([name, state]) => catchFaults(name, state)),
    ...GATES.flatMap(([state, gate]) =>
      isDominatedBy(machine, state, gate) ? [] : [`${state} without ${gate}`],
    ),
    ...Object.entries(NEVER_AFTER).flatMap(([from, never]) =>
      never
        .filter((to) => to !== from && reachable(machine, from).has(to))
        .map((to) => `${to} after ${from}`),
    ),
    ...states.filter(([name]) => !alive.has(name)).map(([name]) => `${name} is dead`),
    ...states
      .filter(([name]) => !endsFrom(machine, name))
      .map(([name]) => `${name} leads to no end`),
  ];
}

function catchFaults(name: string, state: State): readonly string[] {
  if (state.Type !== 'Task') return [];
  const isWhole = state.Catch.at(-1)?.ErrorEquals.includes('States.ALL') === true;
  const targets = [...new Set(state.Catch.map(({ Next }) => Next))];
  return [
    ...(isWhole ? [] : [`${name} does not catch everything`]),
    ...(targets.join() === CATCH_TARGETS[name] ? [] : [`${name} fails into ${targets}`]),
    ...(state.Resource === `\${${name}}` ? [] : [`${name} runs ${state.Resource}`]),
  ];
}

function endsFrom(machine: Machine, name: string): boolean {
  return [...reachable(machine, name)].some((one) => {
    const state = machine.States[one];
    return state !== undefined && successors(state).length === 0;
  });
}

describe('the state machine of audits that is deployed', () => {
  test('is valid Amazon States Language for an independent validator', () => {
    const answer = validated(textOfMachine('iam-auditor'));

    expect(answer.errors).toEqual([]);
    expect(answer.isValid).toBe(true);
  });

  test('has no fault: every failure of an Apply leads to Rollback, and no way leads back', () => {
    const faults = auditFaults(parseMachine(read()));

    expect(faults).toEqual([]);
  });

  test('has the five tasks of an audit, each named as its function', () => {
    const { States } = parseMachine(read());

    const tasks = Object.keys(States).filter((name) => States[name]?.Type === 'Task');

    expect(tasks.sort()).toEqual(TASKS);
  });

  test('succeeds in Done alone', () => {
    const { States } = parseMachine(read());

    const ends = Object.entries(States).filter(([, state]) => successors(state).length === 0);

    expect(Object.fromEntries(ends.map(([name, { Type }]) => [name, Type]))).toEqual({
      Done: 'Succeed',
      Failed: 'Fail',
      RolledBack: 'Fail',
      Unfinished: 'Fail',
    });
  });

  test('asks again of every task only where the error says so', () => {
    const { States } = parseMachine(read());

    const retried = Object.values(States).flatMap((state) =>
      state.Type === 'Task' ? state.Retry.flatMap(({ ErrorEquals }) => ErrorEquals) : [],
    );

    expect([...new Set(retried)].sort()).toEqual([
      'Lambda.ServiceException',
      'Lambda.TooManyRequestsException',
      'TransientError',
    ]);
  });
});

const MUTATIONS: readonly (readonly [string, (raw: Raw) => void, RegExp])[] = [
  [
    'says that an audit is done whose plan failed',
    (raw) => Object.assign(stateOf(raw, 'Apply'), { Catch: caught('Done') }),
    /Apply fails into Done/,
  ],
  [
    'catches only some errors of Apply',
    (raw) => Object.assign(stateOf(raw, 'Apply'), { Catch: caught('Rollback', ['StuckError']) }),
    /Apply does not catch everything/,
  ],
  [
    'forgets what was started when Apply fails',
    (raw) => Object.assign(stateOf(raw, 'Apply'), { Catch: caught('Failed') }),
    /Failed after Apply/,
  ],
  [
    'applies again after a rollback',
    (raw) => Object.assign(stateOf(raw, 'WaitForRollback'), { Next: 'Apply' }),
    /Apply after Rollback/,
  ],
  [
    'proposes again after a rollback',
    (raw) => Object.assign(choiceOf(raw, 'RolledBack?', 0), { Next: 'Propose' }),
    /Propose after Rollback/,
  ],
  [
    'is done after a rollback',
    (raw) => Object.assign(choiceOf(raw, 'RolledBack?', 1), { Next: 'Done' }),
    /Done after Rollback/,
  ],
  [
    'gives up a rollback as if nothing had been started',
    (raw) => Object.assign(stateOf(raw, 'Rollback'), { Catch: caught('Failed') }),
    /Failed after Rollback/,
  ],
  [
    'applies what nobody asked policy about',
    (raw) => Object.assign(choiceOf(raw, 'Validated?', 0), { Next: 'Apply' }),
    /Apply without Propose/,
  ],
  [
    'starts at Apply',
    (raw) => Object.assign(raw, { StartAt: 'Apply' }),
    /Validate without Enumerate|Apply without Propose/,
  ],
  [
    'waits for ever',
    (raw) => {
      Object.assign(stateOf(raw, 'RolledBack?'), {
        Choices: [choiceOf(raw, 'RolledBack?', 0)],
        Default: 'WaitForRollback',
      });
      Object.assign(stateOf(raw, 'Rollback'), { Catch: caught('WaitForRollback') });
    },
    /Rollback leads to no end/,
  ],
  [
    'runs another function than it says',
    (raw) => Object.assign(stateOf(raw, 'Rollback'), { Resource: `\${Apply}` }),
    /Rollback runs/,
  ],
  [
    'has a state that nothing leads to',
    (raw) => Object.assign(raw.States, { Spare: { Type: 'Succeed' } }),
    /Spare is dead/,
  ],
];

describe('a mutated state machine of audits', () => {
  test.each(MUTATIONS)('that %s: the proof fails', (_, mutate, fault) => {
    const raw = read();
    mutate(raw);

    const faults = auditFaults(parseMachine(raw));

    expect(faults.join('\n')).toMatch(fault);
  });

  test.each([
    ['without Catch', 'Catch'],
    ['without Retry', 'Retry'],
    ['without a time-out', 'TimeoutSeconds'],
  ])('a task %s is refused at load', (_, field) => {
    for (const task of TASKS) {
      const raw = read();
      delete stateOf(raw, task)[field];

      expect(() => parseMachine(raw)).toThrow(InvalidInputError);
    }
  });
});
