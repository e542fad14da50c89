import { createRoute } from '@hono/zod-openapi';
import { InvalidInputError } from '../../core/errors.ts';
import { dryRunAs, proposeAs } from '../../core/tasks/propose-as.ts';
import { PLAN_BODY_BYTES_MAX, readJson } from '../body.ts';
import type { Api, ApiOptions } from '../context.ts';
import { answers, body } from '../documents.ts';
import { ProposeHeaders, ProposeQuery } from '../requests.ts';
import { dryRunView } from '../view/dry-run.ts';
import { accepted } from './accepted.ts';

/** `POST /v1/transactions`: agents propose plans, or ask what would become of one. */
export function addProposalRoutes(api: Api, { ports, start, dryRun, basePath }: ApiOptions): void {
  const route = createRoute({
    method: 'post',
    path: '/v1/transactions',
    operationId: 'propose',
    request: { body: body('Plan'), query: ProposeQuery, headers: ProposeHeaders },
    responses: answers({
      200: ['What would become of the plan; nothing was started', 'DryRun'],
      202: ['The transaction is durably there; Location is its address', 'Proposed'],
    }),
  });
  api.openapi(route, async (context) => {
    const caller = context.get('caller');
    const isDryRun = context.req.valid('query').dryRun === 'true';
    const idempotencyKey = context.req.valid('header')['idempotency-key'];
    if (!isDryRun && idempotencyKey === undefined)
      throw new InvalidInputError('key-missing', 'the header `Idempotency-Key` is missing', {
        hint: 'the same key and plan are one transaction, however often they are sent',
      });
    const plan = await readJson(context, PLAN_BODY_BYTES_MAX);
    // As this process would have answered it.
    if (isDryRun && dryRun !== undefined) return (await dryRun(caller, plan)) as never;
    if (isDryRun) return context.json(dryRunView(await dryRunAs(ports, caller, plan)), 200);
    const proposed = await proposeAs(ports, caller, {
      plan,
      idempotencyKey: idempotencyKey ?? '',
    });
    return accepted(
      { ports, start, ...(basePath === undefined ? {} : { basePath }) },
      context,
      proposed,
    );
  });
}
