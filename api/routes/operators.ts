import { createRoute } from '@hono/zod-openapi';
import { resolve } from '../../core/tasks/resolve.ts';
import { resumable } from '../../core/tasks/resume.ts';
import { readBody } from '../body.ts';
import type { Api, ApiOptions } from '../context.ts';
import { answers, body } from '../documents.ts';
import { Nothing, Resolution, TransactionPath } from '../requests.ts';
import { goesOn } from './accepted.ts';
import { requireOperator } from './require-operator.ts';

/** What only operators do to a transaction. */
export function addOperatorRoutes(api: Api, options: ApiOptions): void {
  const { ports } = options;
  const resumeRoute = createRoute({
    method: 'post',
    path: '/v1/transactions/{id}/resume',
    operationId: 'resume',
    request: { params: TransactionPath, body: { ...body('Nothing'), required: false } },
    responses: answers({ 202: ['What was parked goes on', 'TransactionSummary'] }),
  });
  const resolveRoute = createRoute({
    method: 'post',
    path: '/v1/transactions/{id}/resolve',
    operationId: 'resolve',
    request: { params: TransactionPath, body: body('Resolution') },
    responses: answers({
      202: ['A person has ended it; locks are released', 'TransactionSummary'],
    }),
  });
  api.openapi(resumeRoute, async (context) => {
    const { id } = context.req.valid('param');
    await requireOperator(ports, context, { call: 'resume', transactionId: id });
    await readBody(context, Nothing);
    return goesOn(options, context, await resumable(ports, context.get('caller'), id));
  });
  api.openapi(resolveRoute, async (context) => {
    const { id } = context.req.valid('param');
    await requireOperator(ports, context, { call: 'transaction:Resolve', transactionId: id });
    const wanted = await readBody(context, Resolution);
    const resolved = await resolve(ports, context.get('caller'), { id, ...wanted });
    return goesOn(options, context, resolved);
  });
}
