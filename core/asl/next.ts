import { InvariantError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { type Machine, resourceName, type TaskState } from './machine.ts';

/** Choices in a row, at most; a machine that needs more turns in a circle. */
const CHOICES_MAX = 20;

/** Where an execution stands: what the runtime has to do now. */
export type Position =
  | {
      readonly kind: 'task';
      readonly state: string;
      readonly resource: string;
      readonly input: JsonObject;
      /** Retries made so far, by retrier. */
      readonly retries: readonly number[];
      /** How long to wait before this run of the task. */
      readonly delayMs: number;
    }
  | {
      readonly kind: 'wait';
      readonly state: string;
      readonly seconds: number;
      readonly input: JsonObject;
    }
  | { readonly kind: 'succeeded'; readonly state: string; readonly output: JsonObject }
  | { readonly kind: 'failed'; readonly state: string; readonly error: string };

/** What happened to the position's task or wait. */
export type Event =
  | { readonly kind: 'returned'; readonly output: JsonObject }
  | { readonly kind: 'threw'; readonly error: string; readonly cause?: string }
  | { readonly kind: 'waited' };

/** The first position of an execution. */
export function start(machine: Machine, input: JsonObject): Position {
  return enter(machine, machine.StartAt, input);
}

/** The position after an event. Pure; retry and catch as the States Language defines them. */
export function next(machine: Machine, position: Position, event: Event): Position {
  const state = machine.States[position.state];
  if (position.kind === 'wait' && event.kind === 'waited' && state?.Type === 'Wait')
    return enter(machine, state.Next, position.input);
  if (position.kind === 'task' && state?.Type === 'Task') {
    if (event.kind === 'returned') return enter(machine, state.Next, event.output);
    if (event.kind === 'threw') return afterError(machine, { position, state }, event);
  }
  throw new InvariantError(`\`${event.kind}\` cannot happen in \`${position.state}\``);
}

function afterError(
  machine: Machine,
  at: { readonly position: Position & { readonly kind: 'task' }; readonly state: TaskState },
  { error, cause }: Event & { readonly kind: 'threw' },
): Position {
  const { position, state } = at;
  const index = state.Retry.findIndex((one) => matches(one.ErrorEquals, error));
  const retrier = state.Retry[index];
  const made = position.retries[index] ?? 0;
  if (retrier !== undefined && made < retrier.MaxAttempts) {
    const retries = state.Retry.map((_, i) => (position.retries[i] ?? 0) + (i === index ? 1 : 0));
    const delayMs = Math.round(retrier.IntervalSeconds * retrier.BackoffRate ** made * 1000);
    return { ...position, retries, delayMs };
  }
  const catcher = state.Catch.find((one) => matches(one.ErrorEquals, error));
  if (catcher === undefined) return { kind: 'failed', state: position.state, error };
  const caught = { Error: error, ...(cause === undefined ? {} : { Cause: cause }) };
  return enter(machine, catcher.Next, { ...position.input, error: caught });
}

// States.ALL matches every error that a Catch can see.
function matches(errorEquals: readonly string[], error: string): boolean {
  return errorEquals.includes(error) || errorEquals.includes('States.ALL');
}

function enter(machine: Machine, name: string, input: JsonObject): Position {
  let current = name;
  for (let choices = 0; choices <= CHOICES_MAX; choices += 1) {
    const state = machine.States[current];
    switch (state?.Type) {
      case 'Task':
        return {
          kind: 'task',
          state: current,
          resource: resourceName(state),
          input,
          retries: [],
          delayMs: 0,
        };
      case 'Wait':
        return { kind: 'wait', state: current, seconds: state.Seconds, input };
      case 'Succeed':
        return { kind: 'succeeded', state: current, output: input };
      case 'Fail':
        return { kind: 'failed', state: current, error: state.Error };
      case 'Choice': {
        const rule = state.Choices.find((one) => input[one.Variable.slice(2)] === one.StringEquals);
        current = rule?.Next ?? state.Default;
        break;
      }
      case undefined:
        throw new InvariantError(`state \`${current}\` does not exist`);
    }
  }
  throw new InvariantError(`more than ${CHOICES_MAX} choices in a row from \`${name}\``);
}
