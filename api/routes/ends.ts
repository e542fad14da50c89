import { createRoute } from '@hono/zod-openapi';
import { cancel } from '../../core/tasks/cancel.ts';
import { undo } from '../../core/tasks/undo.ts';
import { readBody } from '../body.ts';
import type { Api, ApiOptions } from '../context.ts';
import { answers, body } from '../documents.ts';
import { Nothing, TransactionPath } from '../requests.ts';
import { accepted, goesOn } from './accepted.ts';

/** How an agent ends what is its own, and an operator anything: cancel, undo. */
export function addEndRoutes(api: Api, options: ApiOptions): void {
  const { ports } = options;
  const request = { params: TransactionPath, body: { ...body('Nothing'), required: false } };
  const cancelRoute = createRoute({
    method: 'post',
    path: '/v1/transactions/{id}/cancel',
    operationId: 'cancel',
    request,
    responses: answers({ 202: ['It will end; what it did is compensated', 'TransactionSummary'] }),
  });
  const undoRoute = createRoute({
    method: 'post',
    path: '/v1/transactions/{id}/undo',
    operationId: 'undo',
    request,
    responses: answers({ 202: ['A new transaction, which waits for an approval', 'Proposed'] }),
  });
  api.openapi(cancelRoute, async (context) => {
    const { id } = context.req.valid('param');
    await readBody(context, Nothing);
    return goesOn(options, context, await cancel(ports, context.get('caller'), id));
  });
  api.openapi(undoRoute, async (context) => {
    const { id } = context.req.valid('param');
    await readBody(context, Nothing);
    return accepted(options, context, await undo(ports, context.get('caller'), id));
  });
}
