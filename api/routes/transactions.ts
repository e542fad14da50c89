import { createRoute } from '@hono/zod-openapi';
import { listFor } from '../../core/tasks/list.ts';
import { findFor } from '../../core/tasks/operate.ts';
import type { Api, ApiOptions } from '../context.ts';
import { answers } from '../documents.ts';
import { ListQuery, TransactionPath } from '../requests.ts';
import type { TransactionList } from '../shapes.ts';
import { detailOf } from '../view/detail.ts';
import { summaryOf } from '../view/summary.ts';

/** `GET /v1/transactions` and one of them; an agent sees its own. */
export function addTransactionRoutes(api: Api, { ports }: ApiOptions): void {
  const list = createRoute({
    method: 'get',
    path: '/v1/transactions',
    operationId: 'listTransactions',
    request: { query: ListQuery },
    responses: answers({ 200: ['A page, the newest first', 'TransactionList'] }),
  });
  const read = createRoute({
    method: 'get',
    path: '/v1/transactions/{id}',
    operationId: 'readTransaction',
    request: { params: TransactionPath },
    responses: answers({ 200: ['Steps, records and seal', 'TransactionDetail'] }),
  });
  api.openapi(list, async (context) => {
    const { from, to, ...query } = context.req.valid('query');
    const page = await listFor(ports, context.get('caller'), {
      ...defined(query),
      ...(from === undefined ? {} : { from: Date.parse(from) }),
      ...(to === undefined ? {} : { to: Date.parse(to) }),
    });
    const { transactions, next } = page;
    const shown: TransactionList = {
      transactions: transactions.map(summaryOf),
      ...(next === undefined ? {} : { next }),
    };
    return context.json(shown, 200);
  });
  api.openapi(read, async (context) => {
    const { id } = context.req.valid('param');
    const transaction = await findFor(ports, context.get('caller'), id);
    return context.json(await detailOf(ports.store, transaction), 200);
  });
}

type Defined<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };

/** Without what is not given. */
function defined<Value extends object>(value: Value): Defined<Value> {
  return Object.fromEntries(
    Object.entries(value).filter(([, one]) => one !== undefined),
  ) as Defined<Value>;
}
