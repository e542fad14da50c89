import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { InvariantError, StaleStateError } from '../../core/errors.ts';
import type { Ports } from '../../core/tasks/ports.ts';
import { entryState, isFinal, type Transaction } from '../../core/transaction.ts';
import { nameOf, repeatable } from './sdk-errors.ts';

/** What starting an execution needs. */
export interface RunnerParts {
  readonly client: SFNClient;
  readonly stateMachineArn: string;
  readonly ports: Pick<Ports, 'store' | 'clock' | 'timing'>;
}

/** The name of the one execution of an epoch. */
export function executionName({ id, epoch }: Pick<Transaction, 'id' | 'epoch'>): string {
  return `${id}-${epoch}`;
}

/**
 * Starts a proposed transaction once, however often it is called and from wherever; it then runs by
 * itself. Throws `TransientError` when Step Functions is out of reach: call it again.
 */
export async function ensureStarted(
  parts: RunnerParts,
  transaction: Transaction,
): Promise<Transaction> {
  const started = transaction.epoch === 0 ? await bump(parts, transaction) : transaction;
  if (!isFinal(started.status)) await launch(parts, started);
  return started;
}

/**
 * Goes on with a transaction that nobody runs, in a new execution: every older one is stale from
 * then on. Throws `TransientError` when Step Functions is out of reach: call it again.
 */
export async function restart(parts: RunnerParts, transaction: Transaction): Promise<Transaction> {
  const started = await bump(parts, transaction);
  await launch(parts, started);
  return started;
}

async function bump(
  { ports: { store, clock, timing } }: RunnerParts,
  { id, epoch }: Transaction,
): Promise<Transaction> {
  const owner = `execution:${executionName({ id, epoch: epoch + 1 })}`;
  const leaseUntil = clock.now() + timing.leaseMs;
  try {
    const started = await store.start({ transactionId: id, epoch, owner, leaseUntil });
    await store.barrier();
    return started;
  } catch (error) {
    if (!(error instanceof StaleStateError)) throw error;
    const current = await store.load(id);
    if (current === undefined) throw new InvariantError(`\`${id}\` must be there`);
    return current;
  }
}

/** There is one execution of a name: a second start is the same, or refused. */
async function launch(parts: RunnerParts, transaction: Transaction): Promise<void> {
  const command = new StartExecutionCommand({
    stateMachineArn: parts.stateMachineArn,
    name: executionName(transaction),
    input: JSON.stringify(entryState(transaction)),
  });
  try {
    await repeatable('executions-unreachable', () => parts.client.send(command));
  } catch (error) {
    if (nameOf(error) !== 'ExecutionAlreadyExists') throw error;
  }
}
