import type { Machine, State, TaskState } from '../../../core/asl/machine.ts';

/** A machine with one change, and what it is. */
export interface Mutation {
  readonly what: string;
  readonly machine: Machine;
}

/**
 * Every small change of what a machine says. A detour over choices that leads to the same state with
 * the same document is none: choices change nothing and take no time.
 */
export function mutationsOf(machine: Machine): readonly Mutation[] {
  return Object.entries(machine.States).flatMap(([name, state]) =>
    changesOf(machine, state).map(([what, changed]) => ({
      what: `${name}: ${what}`,
      machine: { ...machine, States: { ...machine.States, [name]: changed } },
    })),
  );
}

type Change = readonly [string, State];

function changesOf(machine: Machine, state: State): readonly Change[] {
  switch (state.Type) {
    case 'Choice':
      return choiceChanges(machine, state);
    case 'Task':
      return taskChanges(machine, state);
    case 'Wait':
      return [
        ...elsewhere(machine, state.Next).map(
          (Next): Change => [`Next ${Next}`, { ...state, Next }],
        ),
        ['Seconds', { ...state, Seconds: state.Seconds + 1 }],
      ];
    case 'Succeed':
      return [['Fail', { Type: 'Fail', Error: 'Mutated', Cause: '' }]];
    case 'Fail':
      return [
        ['Succeed', { Type: 'Succeed' }],
        ['Error', { ...state, Error: 'Mutated' }],
        ['Cause', { ...state, Cause: 'mutated' }],
      ];
  }
}

/** The states other than `target` that lead somewhere else for some of these values of `next`. */
function elsewhere(
  machine: Machine,
  target: string,
  values: readonly string[] = namedBy(machine),
): readonly string[] {
  return Object.keys(machine.States).filter((one) =>
    values.some((value) => settled(machine, one, value) !== settled(machine, target, value)),
  );
}

/** The state that is no choice, where a document with this `next` comes to from a state. */
function settled(machine: Machine, from: string, value: string): string {
  const passed = new Set<string>();
  let name = from;
  for (let state = machine.States[name]; state?.Type === 'Choice'; state = machine.States[name]) {
    if (passed.has(name)) return 'a circle';
    passed.add(name);
    name = state.Choices.find((one) => one.StringEquals === value)?.Next ?? state.Default;
  }
  return name;
}

/** What the machine's choices know, and one thing that none does. */
function namedBy({ States }: Machine): readonly string[] {
  const rules = Object.values(States).flatMap((one) => (one.Type === 'Choice' ? one.Choices : []));
  return [...new Set(rules.map((one) => one.StringEquals)), ''];
}

function choiceChanges(machine: Machine, state: State & { readonly Type: 'Choice' }): Change[] {
  const { Choices, Default } = state;
  const withRule = (index: number, rule: Partial<(typeof Choices)[number]>) => ({
    ...state,
    Choices: Choices.map((one, i) => (i === index ? { ...one, ...rule } : one)),
  });
  const known = Choices.map((one) => one.StringEquals);
  const others = namedBy(machine).filter((one) => !known.includes(one));
  return [
    ...elsewhere(machine, Default, others).map(
      (one): Change => [`Default ${one}`, { ...state, Default: one }],
    ),
    ...Choices.flatMap(({ StringEquals, Next }, index): Change[] => [
      [`no ${StringEquals}`, { ...state, Choices: Choices.filter((_, i) => i !== index) }],
      [`${StringEquals} misspelt`, withRule(index, { StringEquals: `${StringEquals}d` })],
      [`${StringEquals} elsewhere`, withRule(index, { Variable: '$.transactionId' })],
      ...elsewhere(machine, Next, [StringEquals]).map(
        (one): Change => [`${StringEquals} to ${one}`, withRule(index, { Next: one })],
      ),
    ]),
  ];
}

function taskChanges(machine: Machine, state: TaskState): Change[] {
  const caught = (Next: string): State => ({
    ...state,
    Catch: state.Catch.map((one) => ({ ...one, Next })),
  });
  const handler = state.Catch[0]?.Next ?? '';
  return [
    ['Resource', { ...state, Resource: `${state.Resource.slice(0, -1)}Mutated}` }],
    ['no Catch', { ...state, Catch: [] }],
    ...elsewhere(machine, state.Next).map((Next): Change => [`Next ${Next}`, { ...state, Next }]),
    ...elsewhere(machine, handler).map((one): Change => [`Catch ${one}`, caught(one)]),
    ...retryChanges(state),
  ];
}

function retryChanges(state: TaskState): Change[] {
  return state.Retry.flatMap((retrier, index) => {
    const changed = (what: string, by: Partial<typeof retrier>): Change => [
      `retrier ${index}, ${what}`,
      { ...state, Retry: state.Retry.map((one, i) => (i === index ? { ...one, ...by } : one)) },
    ];
    const { ErrorEquals, MaxAttempts, IntervalSeconds } = retrier;
    const isOfAll = ErrorEquals.includes('States.ALL');
    // What never tries again never waits.
    const fewer =
      MaxAttempts === 0
        ? []
        : [
            changed('one attempt less', { MaxAttempts: MaxAttempts - 1 }),
            changed('a longer interval', { IntervalSeconds: IntervalSeconds + 1 }),
            changed('no backoff', { BackoffRate: 1 }),
          ];
    return [
      ...(isOfAll ? [] : [changed('all errors', { ErrorEquals: ['States.ALL'] })]),
      ...ErrorEquals.map((error) =>
        changed(`no ${error}`, { ErrorEquals: ErrorEquals.filter((one) => one !== error) }),
      ),
      changed('one attempt more', { MaxAttempts: MaxAttempts + 1 }),
      ...fewer,
    ];
  });
}
