import { createRoute } from '@hono/zod-openapi';
import { approve, refuse } from '../../core/tasks/approve.ts';
import { readBody } from '../body.ts';
import type { Api, ApiOptions } from '../context.ts';
import { answers, body } from '../documents.ts';
import { Approve, TransactionPath, WithReason } from '../requests.ts';
import { goesOn } from './accepted.ts';
import { requireOperator } from './require-operator.ts';

/** What operators say to a transaction that waits: yes to exactly what they saw, or no. */
export function addApprovalRoutes(api: Api, options: ApiOptions): void {
  const { ports } = options;
  const approveRoute = createRoute({
    method: 'post',
    path: '/v1/transactions/{id}/approve',
    operationId: 'approve',
    request: { params: TransactionPath, body: body('Approve') },
    responses: answers({
      202: ['Approved; with the last one needed it runs', 'TransactionSummary'],
    }),
  });
  const refuseRoute = createRoute({
    method: 'post',
    path: '/v1/transactions/{id}/refuse',
    operationId: 'refuse',
    request: { params: TransactionPath, body: body('WithReason') },
    responses: answers({ 202: ['It ends rejected', 'TransactionSummary'] }),
  });
  api.openapi(approveRoute, async (context) => {
    const { id } = context.req.valid('param');
    await requireOperator(ports, context, { call: 'transaction:Approve', transactionId: id });
    const wanted = await readBody(context, Approve);
    const approved = await approve(ports, context.get('caller'), { id, ...wanted });
    return goesOn(options, context, approved);
  });
  api.openapi(refuseRoute, async (context) => {
    const { id } = context.req.valid('param');
    await requireOperator(ports, context, { call: 'transaction:Refuse', transactionId: id });
    const { reason } = await readBody(context, WithReason);
    const refused = await refuse(ports, context.get('caller'), { id, reason });
    return goesOn(options, context, refused);
  });
}
