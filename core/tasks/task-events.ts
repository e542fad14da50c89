import type { Event } from '../asl/next.ts';
import { InterlockError, InvariantError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { SagaState } from '../transaction.ts';
import type { Task } from './context.ts';

/** The task of a resource. Throws `InvariantError` for one that is not there. */
export function taskOf(tasks: Readonly<Record<string, Task>>, resource: string): Task {
  const run = tasks[resource];
  if (run === undefined) throw new InvariantError(`there is no task \`${resource}\``);
  return run;
}

/** What the state machine is told of a task that came to its end. */
export function returned(output: SagaState): Event {
  return { kind: 'returned', output: { ...output } as JsonObject };
}

/** What the state machine is told of an error: name and code only, for no message or stack of ours
 * enters the history of an execution. */
export function thrown(error: unknown): Event {
  const code = error instanceof InterlockError ? { cause: error.code } : {};
  return { kind: 'threw', error: error instanceof Error ? error.name : 'unknown', ...code };
}
