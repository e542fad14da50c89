import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiOptions } from '../context.ts';
import { answers } from '../documents.ts';
import type { Health } from '../shapes.ts';

/** `GET /v1/health`: whether the store answers. Open to everybody; it tells nothing else. */
export function addHealthRoutes(api: Api, { ports, version }: ApiOptions): void {
  const route = createRoute({
    method: 'get',
    path: '/v1/health',
    operationId: 'health',
    responses: answers({ 200: ['The control plane answers', 'Health'] }),
  });
  api.openapi(route, async (context) => {
    await ports.store.load('none');
    return context.json({ status: 'ok', version } satisfies Health, 200);
  });
}
