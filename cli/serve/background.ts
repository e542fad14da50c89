import { isOwnerAlive, isOwnProcess } from '../../adapters/embedded/owner.ts';
import { StaleStateError } from '../../core/errors.ts';
import { canGoOn } from '../../core/tasks/reconcile.ts';
import { isFinal, type Transaction } from '../../core/transaction.ts';
import type { LocalControlPlane } from '../open.ts';

/** Transactions that one process runs side by side. */
const CONCURRENCY = 16;
/** Transactions that wait for their turn; beyond it the next sweep finds them in the store. */
const QUEUE_MAX = 10_000;

/** What runs transactions while requests are answered. */
export interface Background {
  /** Runs it soon, unless somebody does. Safe to repeat. */
  start(transaction: Pick<Transaction, 'id'>): Promise<void>;
  /** Starts what nobody runs: left by a crash, released by the kill switch, not sealed. */
  sweep(): Promise<void>;
  /** Brings what is sealed into the log, where the last checkpoint is a second old. */
  sequence(): Promise<void>;
  /** Takes no more and waits until what runs has ended between two tasks and is in the log. */
  stop(): Promise<void>;
}

/** Runs transactions on a control plane of this process; `onDefect` hears of what went wrong. */
export function openBackground(
  controlPlane: LocalControlPlane,
  onDefect: (error: unknown) => void,
): Background {
  const { store, clock } = controlPlane.ports;
  const stopping = new AbortController();
  const queue = new Set<string>();
  const running = new Map<string, Promise<void>>();
  let sequencing: Promise<unknown> | undefined;

  const run = async (id: string): Promise<void> => {
    try {
      const transaction = await store.load(id);
      if (transaction === undefined || !isFree(transaction, clock.now())) return;
      await controlPlane.run(transaction, stopping.signal);
    } catch (error) {
      // Another process was faster; it goes on from here.
      if (!(error instanceof StaleStateError)) onDefect(error);
    }
  };
  const next = (): void => {
    for (const id of queue) {
      if (running.size >= CONCURRENCY || stopping.signal.aborted) return;
      // What is asked for again while it runs is looked at again when that has ended.
      if (running.has(id)) continue;
      queue.delete(id);
      const done = run(id).then(() => {
        running.delete(id);
        next();
      });
      running.set(id, done);
    }
  };
  const enqueue = (id: string): void => {
    if (queue.size < QUEUE_MAX) queue.add(id);
    next();
  };
  return {
    async start({ id }) {
      enqueue(id);
    },
    async sweep() {
      for (const one of await controlPlane.lost())
        if (!running.has(one.id) && (await canGoOn(controlPlane.ports, one))) enqueue(one.id);
    },
    async sequence() {
      if (sequencing !== undefined) return;
      sequencing = controlPlane.log.sequence('skip').finally(() => {
        sequencing = undefined;
      });
      await sequencing;
    },
    async stop() {
      stopping.abort();
      await Promise.all(running.values());
      await sequencing?.catch(() => undefined);
      await controlPlane.log.sequence('wait').catch(onDefect);
    },
  };
}

/** True when no other process runs it. */
function isFree({ status, sealed, owner, leaseUntil }: Transaction, now: number): boolean {
  if (isFinal(status)) return !sealed;
  if (status === 'parked' || status === 'awaiting-approval' || owner === undefined) return true;
  return isOwnProcess(owner) || !isOwnerAlive(owner) || (leaseUntil ?? 0) < now;
}
