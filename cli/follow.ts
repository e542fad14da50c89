import { setTimeout as sleep } from 'node:timers/promises';
import { NotFoundError, StaleStateError } from '../core/errors.ts';
import { parseRecord } from '../core/evidence/index.ts';
import { isFinal, streamOf, type Transaction } from '../core/transaction.ts';
import type { LocalControlPlane } from './open.ts';

const POLL_MS = 100;
/** A plan's deadline and the time to compensate it are well below. */
const FOLLOW_MS_MAX = 48 * 60 * 60 * 1000;

/** What follows a transaction. */
export interface Follower {
  readonly signal: AbortSignal;
  /** Hears of every record, in order, once. */
  readonly onRecord: (record: ReturnType<typeof parseRecord>) => void;
}

/**
 * Follows a transaction that some process runs until it is final and sealed, waits for a person,
 * is lost by its runner, or the signal aborts; returns where it stands then.
 */
export async function follow(
  controlPlane: LocalControlPlane,
  id: string,
  { signal, onRecord }: Follower,
): Promise<Transaction> {
  const { store } = controlPlane.ports;
  const giveUpAt = Date.now() + FOLLOW_MS_MAX;
  let seen = 0;
  for (;;) {
    const transaction = await loadTransaction(controlPlane, id);
    const records = await store.records(streamOf(id), seen);
    seen += records.length;
    for (const bytes of records) onRecord(parseRecord(bytes));
    const isOver = signal.aborted || Date.now() > giveUpAt;
    if (isOver || isAtRest(transaction) || (await isLost(controlPlane, id))) return transaction;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Runs a transaction to its end, or follows it when another process has it. */
export async function runOrFollow(
  controlPlane: LocalControlPlane,
  transaction: Transaction,
  follower: Follower,
): Promise<Transaction> {
  const isMine = !isAtRest(transaction) && (await isLost(controlPlane, transaction.id));
  if (!isMine) return follow(controlPlane, transaction.id, follower);
  return runNow(controlPlane, transaction, follower);
}

/** Runs a transaction to its end, whoever ran it before; follows it when outrun. */
export async function runNow(
  controlPlane: LocalControlPlane,
  transaction: Transaction,
  follower: Follower,
): Promise<Transaction> {
  try {
    await controlPlane.run(transaction, follower.signal);
  } catch (error) {
    // Another process was faster; it goes on from here.
    if (!(error instanceof StaleStateError)) throw error;
    return follow(controlPlane, transaction.id, follower);
  }
  return loadTransaction(controlPlane, transaction.id);
}

/** The row of a transaction. Throws `NotFoundError` (`transaction-not-found`). */
export async function loadTransaction(
  { ports }: Pick<LocalControlPlane, 'ports'>,
  id: string,
): Promise<Transaction> {
  const transaction = await ports.store.load(id);
  if (transaction !== undefined) return transaction;
  throw new NotFoundError('transaction-not-found', `there is no transaction \`${id}\``, {
    hint: 'see `interlock tx list`',
  });
}

/** True when no process goes on with it unless somebody asks for it. */
export async function isLost(controlPlane: LocalControlPlane, id: string): Promise<boolean> {
  return (await controlPlane.lost()).some((one) => one.id === id);
}

function isAtRest({ status, sealed, cancelled }: Transaction): boolean {
  if (isFinal(status)) return sealed;
  return (status === 'awaiting-approval' && cancelled === undefined) || status === 'parked';
}
