import type { Transaction } from '../transaction.ts';
import { pagesOf } from './pages.ts';
import type { Ports } from './ports.ts';
import { modeFor } from './stop.ts';

/** Transactions of one page: few, since each is read whole and may have megabytes. */
const PAGE = 25;
/** Pages of one sweep. */
const PAGES_MAX = 4000;

/** Whether somebody runs a started transaction. */
export type IsRunning = (transaction: Transaction) => boolean | Promise<boolean>;

/**
 * The transactions that nobody runs and that are not done, oldest first: proposed and never
 * started, lost by their runner, parked, final but not sealed. One that waits for an approval is
 * left alone unless it was cancelled or its deadline has passed.
 */
export async function reconcile(
  ports: Pick<Ports, 'store' | 'clock'>,
  isRunning: IsRunning,
): Promise<readonly Transaction[]> {
  const now = ports.clock.now();
  const found: Transaction[] = [];
  let pages = 0;
  for await (const page of pagesOf(ports.store, { isOpen: true, limit: PAGE })) {
    for (const one of page) if (await isLost(one, now, isRunning)) found.push(one);
    pages += 1;
    if (pages === PAGES_MAX) break;
  }
  return found.reverse();
}

/** Whether nobody runs an open transaction that has something left to do now. */
export async function isLost(
  transaction: Transaction,
  now: number,
  isRunning: IsRunning,
): Promise<boolean> {
  const { status, cancelled, owner, createdAt, plan } = transaction;
  if (status === 'awaiting-approval')
    return cancelled !== undefined || now > createdAt + plan.deadlineMs;
  if (status === 'parked' || owner === undefined) return true;
  return !(await isRunning(transaction));
}

/** False for a parked transaction whose freeze still holds: started, it would only park again. */
export async function canGoOn(
  ports: Pick<Ports, 'killSwitch'>,
  transaction: Transaction,
): Promise<boolean> {
  const { status, plan, cursor } = transaction;
  if (status !== 'parked') return true;
  // Preflight is about all steps.
  const steps = cursor.phase === 'preflight' ? plan.steps : [plan.steps[cursor.stepIndex]];
  for (const action of new Set(steps.map((step) => step?.action)))
    if ((await modeFor(transaction, { ports }, action)) === 'freeze') return false;
  return true;
}
