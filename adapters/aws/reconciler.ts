import { DescribeExecutionCommand, type ExecutionStatus } from '@aws-sdk/client-sfn';
import type { Ports } from '../../core/tasks/ports.ts';
import { canGoOn, isLost, reconcile } from '../../core/tasks/reconcile.ts';
import { isFinal, type Transaction } from '../../core/transaction.ts';
import { ensureStarted, executionName, type RunnerParts, restart } from './runner.ts';
import { nameOf, repeatable } from './sdk-errors.ts';

/** What going on with lost transactions needs. */
export interface ReconcilerParts extends RunnerParts {
  readonly ports: Pick<Ports, 'store' | 'clock' | 'timing' | 'killSwitch'>;
}

/** What one sweep found and did. */
export interface Sweep {
  /** Those that go on now, as they stand. */
  readonly restarted: readonly Transaction[];
  /** Those that could not be looked at or started, and why; the next sweep tries again. */
  readonly failed: readonly { readonly id: string; readonly error: unknown }[];
  /** Since the oldest transaction that is final and not sealed was proposed; 0 when there is none. */
  readonly sealLagMs: number;
}

/** Goes on with every transaction that nobody runs and that can; one that fails is in no other's way. */
export async function sweep(parts: ReconcilerParts): Promise<Sweep> {
  const { ports } = parts;
  const failed: { readonly id: string; readonly error: unknown }[] = [];
  const kept = <Result>({ id }: Transaction, run: () => Promise<Result>) =>
    run().catch((error: unknown) => {
      failed.push({ id, error });
      return undefined;
    });
  const executions = executionsOf(parts);
  // Of what cannot be looked at, nobody knows that it is lost.
  const lost = await reconcile(
    ports,
    async (one) => (await kept(one, () => executions.isRunning(one))) ?? true,
  );
  const unsealed = lost.filter(({ status }) => isFinal(status)).map(({ createdAt }) => createdAt);
  const restarted: Transaction[] = [];
  for (const one of lost) {
    const started = await kept(one, async () =>
      (await canGoOn(ports, one)) ? goOn(parts, executions, one) : undefined,
    );
    if (started !== undefined) restarted.push(started);
  }
  const oldest = Math.min(ports.clock.now(), ...unsealed);
  return { restarted, failed, sealLagMs: ports.clock.now() - oldest };
}

/**
 * Looks again at the transaction of one execution that is said to have ended. What it says is a
 * hint: it may come twice, late, or of an execution that a newer one has followed.
 */
export async function reconcileExecution(
  parts: ReconcilerParts,
  name: string,
): Promise<Transaction | undefined> {
  const { store } = parts.ports;
  const transaction = await store.load(name.slice(0, name.lastIndexOf('-')));
  if (transaction === undefined || executionName(transaction) !== name) return undefined;
  const executions = executionsOf(parts);
  if (!(await isWaiting(parts, executions, transaction))) return undefined;
  // What fails at once may fail again at once: the sweep waits until its lease is over.
  if (await executions.hasJustFailed(transaction)) return undefined;
  if (!(await canGoOn(parts.ports, transaction))) return undefined;
  return goOn(parts, executions, transaction);
}

/**
 * Has a transaction run that was proposed, approved, resumed or ended by a person, unless it runs
 * or has nothing left to do. Safe to repeat, and at once by several.
 */
export async function keepRunning(parts: ReconcilerParts, { id }: Transaction): Promise<void> {
  const transaction = await parts.ports.store.load(id);
  if (transaction === undefined) return;
  const executions = executionsOf(parts);
  if (transaction.epoch === 0) await ensureStarted(parts, transaction);
  else if (isGranted(transaction) || (await isWaiting(parts, executions, transaction)))
    await goOn(parts, executions, transaction);
}

/** The execution that waited may still seal; what was approved need not wait for that. */
function isGranted({ status, approval }: Transaction): boolean {
  return status === 'proposed' && approval?.grantedAt !== undefined;
}

async function isWaiting(
  { ports: { clock } }: ReconcilerParts,
  executions: Executions,
  transaction: Transaction,
): Promise<boolean> {
  const { status, sealed } = transaction;
  if (isFinal(status) && sealed) return false;
  return isLost(transaction, clock.now(), executions.isRunning);
}

/** Whoever stops an execution by hand wants it to end: what is open is then unwound. */
async function goOn(
  parts: ReconcilerParts,
  executions: Executions,
  transaction: Transaction,
): Promise<Transaction> {
  const { store, clock } = parts.ports;
  if (await executions.wasStopped(transaction))
    await store.cancel(transaction.id, 'StopExecution', clock.now());
  return restart(parts, transaction);
}

/** What is known of the executions of transactions' epochs; each is asked about once. */
interface Executions {
  isRunning(transaction: Transaction): Promise<boolean>;
  hasJustFailed(transaction: Transaction): Promise<boolean>;
  wasStopped(transaction: Transaction): Promise<boolean>;
}

function executionsOf(parts: ReconcilerParts): Executions {
  const known = new Map<string, Promise<ExecutionStatus | undefined>>();
  const statusOf = (transaction: Transaction) => {
    const name = executionName(transaction);
    const status = known.get(name) ?? executionStatus(parts, name);
    known.set(name, status);
    return status;
  };
  // The lease says how long.
  const isRecent = ({ leaseUntil = 0 }: Transaction) => leaseUntil >= parts.ports.clock.now();
  return {
    async isRunning(transaction) {
      const status = await statusOf(transaction);
      // One that cannot be found may just have been asked for.
      if (status === undefined) return isRecent(transaction);
      return status === 'RUNNING' || status === 'PENDING_REDRIVE';
    },
    hasJustFailed: async (transaction) =>
      (await statusOf(transaction)) === 'FAILED' && isRecent(transaction),
    wasStopped: async (transaction) => (await statusOf(transaction)) === 'ABORTED',
  };
}

/** How an execution stands; undefined when there is none. */
async function executionStatus(
  { client, stateMachineArn }: ReconcilerParts,
  name: string,
): Promise<ExecutionStatus | undefined> {
  const executions = stateMachineArn.replace(':stateMachine:', ':execution:');
  const command = new DescribeExecutionCommand({ executionArn: `${executions}:${name}` });
  try {
    return (await repeatable('executions-unreachable', () => client.send(command))).status;
  } catch (error) {
    if (nameOf(error) !== 'ExecutionDoesNotExist') throw error;
    return undefined;
  }
}
