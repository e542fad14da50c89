import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Action } from '../../core/action.ts';
import type { Api, ApiOptions } from '../context.ts';
import { answers } from '../documents.ts';
import type { ActionList } from '../shapes.ts';

/** `GET /v1/actions`: what agents may do, with the schema of each input. */
export function addActionRoutes(api: Api, { actions }: ApiOptions): void {
  const route = createRoute({
    method: 'get',
    path: '/v1/actions',
    operationId: 'listActions',
    responses: answers({ 200: ['Every registered action', 'ActionList'] }),
  });
  const list: ActionList = { actions: actions.map(actionOf) };
  api.openapi(route, (context) => context.json(list, 200));
}

function actionOf({ id, title, description, input }: Action): ActionList['actions'][number] {
  const schema = z.toJSONSchema(input) as ActionList['actions'][number]['input'];
  return { id, title, description, input: JSON.parse(JSON.stringify(schema)) as typeof schema };
}
