import type { Transaction } from '../transaction.ts';
import type { Ports } from './ports.ts';

/** Transactions of one page. */
const PAGE = 200;
/** Pages of one sweep. */
const PAGES_MAX = 500;

/**
 * The transactions that nobody runs and that are not done, oldest first: proposed and never
 * started, lost by their runner, parked while the kill switch is released, final but not sealed.
 * One that waits for an approval is left alone unless it was cancelled or its deadline has passed.
 */
export async function reconcile(
  ports: Pick<Ports, 'store' | 'clock'>,
  isAlive: (owner: string) => boolean,
): Promise<readonly Transaction[]> {
  const now = ports.clock.now();
  const found: Transaction[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const query = { isOpen: true, limit: PAGE, ...(after === undefined ? {} : { after }) };
    const page = await ports.store.list(query);
    found.push(...page.transactions.filter((one) => isLost(one, now, isAlive)));
    after = page.next;
    if (after === undefined) break;
  }
  return found.reverse();
}

function isLost(
  { status, cancelled, owner, leaseUntil, createdAt, plan }: Transaction,
  now: number,
  isAlive: (owner: string) => boolean,
): boolean {
  if (status === 'awaiting-approval')
    return cancelled !== undefined || now > createdAt + plan.deadlineMs;
  if (status === 'parked' || owner === undefined) return true;
  return !isAlive(owner) || (leaseUntil ?? 0) < now;
}
