import { z } from 'zod';
import { InvalidInputError } from '../errors.ts';
import { issueText } from '../plan.ts';

/** States of one machine, at most. */
export const STATES_MAX = 100;

const name = z.string().min(1).max(80);
// `States.TaskFailed`, `States.Timeout` and the like are Step Functions' own; nothing throws them here.
const errors = z
  .array(name)
  .min(1)
  .refine(
    (names) => names.every((one) => !one.startsWith('States.') || isAlone(names, one)),
    'may name of `States.` only `States.ALL`, alone',
  );
const retrier = z.strictObject({
  ErrorEquals: errors,
  IntervalSeconds: z.int().min(1).max(3600),
  /** 0 where the error goes to the Catch at once. */
  MaxAttempts: z.int().min(0).max(10),
  BackoffRate: z.number().min(1).max(10),
});
const catcher = z.strictObject({
  ErrorEquals: errors,
  ResultPath: z.literal('$.error'),
  Next: name,
});
const task = z.strictObject({
  Type: z.literal('Task'),
  Resource: z.string().regex(/^\$\{[A-Z][A-Za-z]*\}$/, 'must be a substitution'),
  TimeoutSeconds: z.int().min(1).max(900),
  Retry: z.array(retrier).min(1),
  Catch: z.array(catcher).min(1),
  Next: name,
});
const choice = z.strictObject({
  Type: z.literal('Choice'),
  Choices: z
    .array(
      z.strictObject({
        Variable: z.string().regex(/^\$\.[A-Za-z]+$/, 'must be a top-level field'),
        StringEquals: z.string(),
        Next: name,
      }),
    )
    .min(1),
  Default: name,
});
const wait = z.strictObject({ Type: z.literal('Wait'), Seconds: z.int().min(1), Next: name });
const succeed = z.strictObject({ Type: z.literal('Succeed') });
const fail = z.strictObject({ Type: z.literal('Fail'), Error: z.string(), Cause: z.string() });

const Machine = z.strictObject({
  Comment: z.string().exactOptional(),
  StartAt: name,
  States: z.record(name, z.discriminatedUnion('Type', [task, choice, wait, succeed, fail])),
});

/** The subset of the Amazon States Language that Interlock runs, here and on Step Functions. */
export type Machine = z.infer<typeof Machine>;
export type State = Machine['States'][string];
export type TaskState = z.infer<typeof task>;

/**
 * Parses a machine; whatever is outside the subset is refused, so that both runtimes mean the same.
 * Throws `InvalidInputError` (`invalid-state-machine`) naming the place.
 */
export function parseMachine(input: unknown): Machine {
  const parsed = Machine.safeParse(input);
  if (!parsed.success) throw invalid(issueText(parsed.error));
  const machine = parsed.data;
  if (Object.keys(machine.States).length > STATES_MAX) throw invalid('too many states');
  for (const [from, target] of [['StartAt', machine.StartAt] as const, ...transitions(machine)]) {
    if (!Object.hasOwn(machine.States, target))
      throw invalid(`\`${from}\` leads to \`${target}\`, which does not exist`);
  }
  return machine;
}

/** Every transition as `[from, to]`. */
export function transitions(machine: Machine): readonly (readonly [string, string])[] {
  return Object.entries(machine.States).flatMap(([from, state]) =>
    successors(state).map((to) => [from, to] as const),
  );
}

/** The states that one state may lead to. */
export function successors(state: State): readonly string[] {
  switch (state.Type) {
    case 'Task':
      return [state.Next, ...state.Catch.map((one) => one.Next)];
    case 'Choice':
      return [...state.Choices.map((one) => one.Next), state.Default];
    case 'Wait':
      return [state.Next];
    case 'Succeed':
    case 'Fail':
      return [];
  }
}

function isAlone(names: readonly string[], one: string): boolean {
  return one === 'States.ALL' && names.length === 1;
}

/** The task's name within `${Name}`. */
export function resourceName(state: TaskState): string {
  return state.Resource.slice(2, -1);
}

function invalid(what: string): InvalidInputError {
  return new InvalidInputError('invalid-state-machine', `state machine is not valid: ${what}`);
}
