import type { Machine, State, TaskState } from '../../../core/asl/machine.ts';
import type { Event } from '../../../core/asl/next.ts';
import type { Json, JsonObject } from '../../../core/json.ts';

/** An outcome of a task. */
export type Outcome = Exclude<Event, { readonly kind: 'waited' }>;

/** One (state, outcome): a machine entered at the state, and what becomes of each run of a task. */
export interface Case {
  readonly id: string;
  readonly state: string;
  /** Its `case` is the id, as in every output. */
  readonly input: JsonObject;
  /** The task that runs when there is none left is not answered: the case ends there. */
  readonly outcomes: readonly Outcome[];
}

/** Every case of a machine: all that its file names, and what it does not name. */
export function casesOf(machine: Machine): readonly Case[] {
  const words: Words = { values: valuesOf(machine), errors: errorsOf(machine) };
  return Object.entries(machine.States).flatMap(([name, state]) =>
    partsOf(state, words).map(({ what, next, outcomes }, index): Case => {
      const id = `${name} ${index}: ${what}`;
      const input = { ...documentOf(next), case: id };
      return { id, state: name, input, outcomes: outcomes.map((one) => marked(one, id)) };
    }),
  );
}

/** What a task throws that no file names: other words, other cases, more, less. */
const UNKNOWN_ERRORS = ['DeniedError', 'Error', 'transienterror', 'TransientErrors', 'Lambda.'];
/**
 * What no rule of a choice waits for. `undefined` is a document without the field, which no task
 * returns: there AWS ends an execution with `States.Runtime`, whereas the emulator and `next` go on
 * with the default.
 */
const OTHER_VALUES: readonly (Json | undefined)[] = [
  ...['elsewhere', '', ' seal', 'SEAL', 'sealed', '*'],
  ...[7, true, false, ['seal'], { next: 'seal' }, undefined],
];

interface Words {
  readonly values: readonly (Json | undefined)[];
  readonly errors: readonly string[];
}
interface Part {
  readonly what: string;
  readonly next: Json | undefined;
  readonly outcomes: readonly Outcome[];
}

function partsOf(state: State, words: Words): readonly Part[] {
  switch (state.Type) {
    case 'Choice':
      return words.values.map((next) => ({ what: shown(next), next, outcomes: [] }));
    case 'Task':
      return [...returning(words), ...throwing(state, words)];
    case 'Wait':
    case 'Succeed':
    case 'Fail':
      return [{ what: 'entered', next: 'seal', outcomes: [] }];
  }
}

function returning({ values }: Words): readonly Part[] {
  return values.map((next) => {
    const output = { ...documentOf(next), returned: true };
    return {
      what: `returns ${shown(next)}`,
      next: 'seal',
      outcomes: [{ kind: 'returned', output }],
    };
  });
}

function throwing(state: TaskState, { values, errors }: Words): readonly Part[] {
  const retried = state.Retry.flatMap(({ ErrorEquals, MaxAttempts }) => [
    ...ErrorEquals.flatMap((error) =>
      [1, MaxAttempts, MaxAttempts + 1].map((times) => Array.from({ length: times }, () => error)),
    ),
    // One count for all names of a retrier.
    Array.from({ length: MaxAttempts + 1 }, (_, i) => ErrorEquals[i % ErrorEquals.length] ?? ''),
  ]);
  const once = [...errors, ...UNKNOWN_ERRORS].map((error) => [error]);
  return [
    ...[...retried, ...once].map((thrown) => ({ thrown, next: 'seal' })),
    // What the document says must not matter to where an error leads.
    ...values.map((next) => ({ thrown: UNKNOWN_ERRORS.slice(0, 1), next })),
  ].map(({ thrown, next }) => ({
    what: `throws ${thrown.join(', ')} at ${shown(next)}`,
    next,
    outcomes: [
      ...thrown.map((error, i) => ({ kind: 'threw', error, cause: `cause ${i}: "ä"` }) as const),
      { kind: 'returned', output: { ...documentOf('seal'), returned: true } },
    ],
  }));
}

function valuesOf(machine: Machine): Words['values'] {
  const named = Object.values(machine.States).flatMap((state) =>
    state.Type === 'Choice' ? state.Choices.map((one) => one.StringEquals) : [],
  );
  return [...new Set(named), ...OTHER_VALUES];
}

function errorsOf(machine: Machine): readonly string[] {
  const named = Object.values(machine.States).flatMap((state) =>
    state.Type === 'Task' ? state.Retry.flatMap((one) => one.ErrorEquals) : [],
  );
  return [...new Set(named)];
}

function marked(outcome: Outcome, id: string): Outcome {
  if (outcome.kind === 'threw') return outcome;
  return { ...outcome, output: { ...outcome.output, case: id } };
}

/** More than a task's state holds, so that what a runtime drops or mixes is seen. */
function documentOf(next: Json | undefined): JsonObject {
  return {
    transactionId: 'tx-1',
    epoch: 2,
    odd: { empty: {}, none: [], text: 'ä \u{1f512} "\\', large: 9007199254740991, no: false },
    // Replaced whole by a catch, never merged.
    error: { Error: 'Earlier', Cause: 'of an earlier state', more: 1 },
    ...(next === undefined ? {} : { next }),
  };
}

function shown(next: Json | undefined): string {
  return next === undefined ? 'nothing' : JSON.stringify(next);
}
