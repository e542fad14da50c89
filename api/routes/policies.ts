import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiOptions } from '../context.ts';
import { answers } from '../documents.ts';

/** `GET /v1/policies`: the policies in force. */
export function addPolicyRoutes(api: Api, { policies }: ApiOptions): void {
  const route = createRoute({
    method: 'get',
    path: '/v1/policies',
    operationId: 'listPolicies',
    responses: answers({ 200: ['Every policy with its text', 'PolicyList'] }),
  });
  api.openapi(route, (context) => context.json(policies(), 200));
}
