import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ListQuery } from '../../core/ports/store.ts';
import { DRY_RUN_PREFIX, type Transaction } from '../../core/transaction.ts';
import { TRANSACTION_COLUMNS, type TransactionReader } from './store-rows.ts';

// The very term of the partial indexes: SQLite uses one only where a query repeats it.
const SHOWN = `substr(id, 1, ${DRY_RUN_PREFIX.length + 1}) <> '${DRY_RUN_PREFIX}-'`;

/** The indexes of lists, as SQL: each leads to a page without a look at what it leaves out. */
export const LIST_INDEXES = `
CREATE INDEX IF NOT EXISTS transactions_shown ON transactions (position) WHERE ${SHOWN};
CREATE INDEX IF NOT EXISTS transactions_open ON transactions (position)
  WHERE sealed = 0 AND ${SHOWN};
CREATE INDEX IF NOT EXISTS transactions_by_status ON transactions (status, position) WHERE ${SHOWN};
CREATE INDEX IF NOT EXISTS transactions_by_agent ON transactions (agent, position) WHERE ${SHOWN};
CREATE INDEX IF NOT EXISTS transactions_by_both ON transactions (agent, status, position)
  WHERE ${SHOWN};
`;

type Filters = Pick<ListQuery, 'status' | 'agent' | 'isOpen'>;

/** Reads pages of transactions, the newest first. */
export function lister(database: DatabaseSync, ofRow: TransactionReader['ofRow']) {
  const prepared = new Map<string, StatementSync>();
  const statementOf = (filters: Filters): StatementSync => {
    const sql = listSql(filters);
    const statement = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
  return ({
    limit,
    after,
    ...filters
  }: ListQuery): { transactions: readonly Transaction[]; next?: string } => {
    const from = after === undefined ? Number.MAX_SAFE_INTEGER : Number.parseInt(after, 36);
    const values = [filters.status, filters.agent].filter((value) => value !== undefined);
    const rows = statementOf(filters).all(from, ...values, limit + 1);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1)?.['position'] as number | undefined;
    const more = rows.length > limit && last !== undefined ? { next: last.toString(36) } : {};
    return { transactions: shown.map(ofRow), ...more };
  };
}

/** The query of a page: below a position, then the status and the agent, then how many. */
export function listSql(filters: Filters): string {
  const { status, agent, isOpen } = filters;
  // INDEXED BY: a plan that would scan the table is an error, not a slow list.
  return `SELECT ${TRANSACTION_COLUMNS} FROM transactions INDEXED BY ${indexOf(filters)}
    WHERE position < ?${status === undefined ? '' : ' AND status = ?'}${
      agent === undefined ? '' : ' AND agent = ?'
    }${isOpen === true ? ' AND sealed = 0' : ''} AND ${SHOWN}
    ORDER BY position DESC LIMIT ?`;
}

function indexOf({ status, agent, isOpen }: Filters): string {
  // Few are open, whatever else is asked of them.
  if (isOpen === true) return 'transactions_open';
  if (status === undefined)
    return agent === undefined ? 'transactions_shown' : 'transactions_by_agent';
  return agent === undefined ? 'transactions_by_status' : 'transactions_by_both';
}
