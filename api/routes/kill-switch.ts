import { createRoute } from '@hono/zod-openapi';
import { halt } from '../../core/tasks/halt.ts';
import { readBody } from '../body.ts';
import type { Api, ApiOptions } from '../context.ts';
import { answers, body } from '../documents.ts';
import { KillSwitchMove } from '../requests.ts';
import { killStatusOf } from '../view/kill-status.ts';
import { requireOperator } from './require-operator.ts';

const PATH = '/v1/kill-switch';

/** `GET` and `PUT /v1/kill-switch`, for operators. */
export function addKillSwitchRoutes(api: Api, { ports }: ApiOptions): void {
  const read = createRoute({
    method: 'get',
    path: PATH,
    operationId: 'readKillSwitch',
    responses: answers({ 200: ['The mode of every scope', 'KillStatus'] }),
  });
  const move = createRoute({
    method: 'put',
    path: PATH,
    operationId: 'moveKillSwitch',
    request: { body: body('KillSwitchMove') },
    responses: answers({ 200: ['The switch after the move', 'KillStatus'] }),
  });
  api.openapi(read, async (context) => {
    await requireOperator(ports, context, { call: 'kill-switch:Read' });
    return context.json(await killStatusOf(ports.killSwitch), 200);
  });
  api.openapi(move, async (context) => {
    const operator = await requireOperator(ports, context, { call: 'kill-switch:Move' });
    await halt(ports, { operator, ...(await readBody(context, KillSwitchMove)) });
    return context.json(await killStatusOf(ports.killSwitch), 200);
  });
}
