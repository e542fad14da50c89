import { z } from 'zod';
import { METRICS } from '../adapters/aws/metric-names.ts';
import { InterlockError, InvalidInputError } from '../core/errors.ts';
import type { Task } from '../core/tasks/context.ts';
import type { Ports } from '../core/tasks/ports.ts';
import type { SagaState } from '../core/transaction.ts';
import { errorFields, errorName, type LogFields, logDone, logProblem } from './log.ts';
import { count } from './metrics.ts';

/** One Lambda function: an event of any shape to an answer. */
export type Handler = (event: unknown) => Promise<unknown>;

const State = z.strictObject({
  transactionId: z.string().min(1).max(64),
  epoch: z.int().min(0),
  stepIndex: z.int().min(0),
  next: z.string().max(32),
  error: z.object({ Error: z.string(), Cause: z.string().exactOptional() }).exactOptional(),
});

/**
 * The Lambda of one task of the state machine. What the task throws is thrown on as name and code:
 * `Catch` and `Retry` match the name, and nothing else enters the history of an execution.
 */
export function taskHandler(task: Task, ports: () => Promise<Ports>): Handler {
  return handler(async (event) => {
    const startedAt = performance.now();
    const next = await task(await ports(), stateOf(event));
    const durationMs = Math.round(performance.now() - startedAt);
    logDone('task done', { ...placeOf(event), next: next.next, durationMs });
    // The answer to the commit point may have been lost, and with it the count.
    if (next.next === 'stuck') count(METRICS.personNeeded, { transactionId: next.transactionId });
    return next;
  });
}

/** A Lambda that throws name and code alone; its own log says more. */
export function handler(run: Handler): Handler {
  return async (event) => {
    try {
      return await run(event);
    } catch (error) {
      logProblem('task failed', { ...placeOf(event), error: errorFields(error) });
      throw bareError(error);
    }
  };
}

/** Parses an event. Throws `InvalidInputError` (`invalid-event`). */
export function parseEvent<Event>(schema: z.ZodType<Event>, event: unknown): Event {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InvalidInputError(
    'invalid-event',
    `the event is not valid at ${issue?.path.join('.')}`,
  );
}

/** Where in which transaction; nothing for the event of another function. */
function placeOf(event: unknown): LogFields {
  const parsed = State.safeParse(event);
  if (!parsed.success) return {};
  const { transactionId, epoch, stepIndex } = parsed.data;
  return { transactionId, epoch, stepIndex };
}

function stateOf(event: unknown): SagaState {
  const { error, ...state } = parseEvent(State, event);
  if (error === undefined) return state;
  const code = codeIn(error.Cause);
  return {
    ...state,
    error: { Error: error.Error, ...(code === undefined ? {} : { Cause: code }) },
  };
}

/** Step Functions puts what a function threw into the cause, as text of JSON: we put a code there. */
function codeIn(cause: string | undefined): string | undefined {
  try {
    const parsed = z
      .object({ errorMessage: z.string().max(64) })
      .safeParse(JSON.parse(cause ?? ''));
    return parsed.success ? parsed.data.errorMessage : undefined;
  } catch {
    return undefined;
  }
}

function bareError(error: unknown): Error {
  const bare = new Error(error instanceof InterlockError ? error.code : 'unexpected');
  bare.name = errorName(error);
  // Lambda sends the stack along.
  bare.stack = '';
  return bare;
}
