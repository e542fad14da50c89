import type { ListQuery } from '../ports/store.ts';
import type { Transaction } from '../transaction.ts';
import type { Caller } from './operate.ts';
import type { Ports } from './ports.ts';

/** Pages of the store that one answer looks at; beyond it the page is shorter, with a next one. */
const LOOKS_MAX = 20;

/** What a caller wants to see. */
export interface CallersList extends Pick<ListQuery, 'status' | 'agent' | 'limit' | 'after'> {
  /** Only those with a step of this action. */
  readonly action?: string;
  /** Created then or later; epoch milliseconds. */
  readonly from?: number;
  /** Created before then; epoch milliseconds. */
  readonly to?: number;
}

/**
 * The transactions that a caller may see, the newest first: an agent sees its own, whatever it asks
 * for. A page may be shorter than its limit and still have a next one.
 */
export async function listFor(
  { store }: Pick<Ports, 'store'>,
  caller: Caller,
  { action, from = 0, to = Number.POSITIVE_INFINITY, limit, ...query }: CallersList,
): Promise<{ readonly transactions: readonly Transaction[]; readonly next?: string }> {
  if (caller.type === 'Agent' && query.agent !== undefined && query.agent !== caller.id)
    return { transactions: [] };
  const own = caller.type === 'Agent' ? { agent: caller.id } : {};
  const found: Transaction[] = [];
  let { after } = query;
  for (let looks = 0; looks < LOOKS_MAX && found.length < limit; looks += 1) {
    const page = await store.list({
      ...query,
      ...own,
      limit: limit - found.length,
      ...(after === undefined ? {} : { after }),
    });
    found.push(
      ...page.transactions.filter(
        ({ createdAt, plan }) =>
          createdAt >= from &&
          createdAt < to &&
          (action === undefined || plan.steps.some((step) => step.action === action)),
      ),
    );
    after = page.next;
    const oldest = page.transactions.at(-1)?.createdAt ?? from;
    // The newest come first: behind this page all are older.
    if (after === undefined || oldest < from) return { transactions: found };
  }
  return { transactions: found, ...(after === undefined ? {} : { next: after }) };
}
