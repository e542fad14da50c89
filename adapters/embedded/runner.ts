import type { Machine } from '../../core/asl/machine.ts';
import { type Event, next, type Position, start } from '../../core/asl/next.ts';
import { InvariantError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Task } from '../../core/tasks/context.ts';
import type { Ports } from '../../core/tasks/ports.ts';
import { returned, taskOf, thrown } from '../../core/tasks/task-events.ts';
import { entryState, type SagaState, type Transaction } from '../../core/transaction.ts';

/** Tasks of one execution, at most: steps, retries, compensations and waits together. */
const TASKS_MAX = 25_000;
/** A lease is renewed when this part of it has passed. */
const RENEW_AFTER = 1 / 3;

/** What a runner needs besides the ports. */
export interface RunnerParts {
  readonly machine: Machine;
  readonly tasks: Readonly<Record<string, Task>>;
  readonly ports: Ports;
  /** Who owns what this process runs. */
  readonly owner: string;
  /** Asked before each task; an aborted runner stops between two tasks and loses nothing. */
  readonly signal?: AbortSignal;
  /** Hears of what a task threw; expected denials too. */
  readonly onError?: (state: string, error: unknown) => void;
}

/** How an execution ended, by the name of its last state; `interrupted` goes on later. */
export type Ending = string;

/**
 * Runs one transaction through the state machine until it ends. The cursor is in the store: killed
 * at any instant, the next execution (with a higher epoch) goes on. Throws `StaleStateError` when
 * another process has taken the transaction.
 */
export async function runTransaction(
  parts: RunnerParts,
  transaction: Transaction,
): Promise<Ending> {
  const { store, clock, timing } = parts.ports;
  const lease = () => clock.now() + timing.leaseMs;
  const started = await store.start({
    transactionId: transaction.id,
    epoch: transaction.epoch,
    owner: parts.owner,
    leaseUntil: lease(),
  });
  let position = start(parts.machine, { ...entryState(started) } as JsonObject);
  let renewedAt = clock.now();
  for (let tasks = 0; tasks < TASKS_MAX; tasks += 1) {
    if (position.kind === 'succeeded' || position.kind === 'failed') return position.state;
    if (parts.signal?.aborted === true) return 'interrupted';
    if (clock.now() - renewedAt > timing.leaseMs * RENEW_AFTER) {
      const { id: transactionId, epoch } = started;
      await store.renewLease({ transactionId, epoch, owner: parts.owner, leaseUntil: lease() });
      renewedAt = clock.now();
    }
    position = next(parts.machine, position, await perform(parts, position));
  }
  throw new InvariantError(`more than ${TASKS_MAX} tasks in one execution`);
}

async function perform(parts: RunnerParts, position: Position): Promise<Event> {
  if (position.kind === 'wait') {
    await parts.ports.clock.sleep(position.seconds * 1000);
    return { kind: 'waited' };
  }
  if (position.kind !== 'task') throw new InvariantError('an ended execution has no task');
  if (position.delayMs > 0) await parts.ports.clock.sleep(position.delayMs);
  const run = taskOf(parts.tasks, position.resource);
  try {
    return returned(await run(parts.ports, position.input as JsonObject & SagaState));
  } catch (error) {
    parts.onError?.(position.state, error);
    return thrown(error);
  }
}
