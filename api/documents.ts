import type { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { Bundle, RecordList } from './evidence-shapes.ts';
import { PROBLEM_TYPE } from './problem.ts';
import * as requests from './requests.ts';
import * as shapes from './shapes.ts';

/** Every body by its name in the OpenAPI document. */
const BODIES = {
  ActionList: shapes.ActionList,
  Approve: requests.Approve,
  Bundle,
  DryRun: shapes.DryRun,
  Health: shapes.Health,
  KillStatus: shapes.KillStatus,
  KillSwitchMove: requests.KillSwitchMove,
  Nothing: requests.Nothing,
  Plan: requests.Plan,
  PolicyList: shapes.PolicyList,
  Problem: shapes.Problem,
  Proposed: shapes.Proposed,
  RecordList,
  Resolution: requests.Resolution,
  TransactionDetail: shapes.TransactionDetail,
  TransactionList: shapes.TransactionList,
  TransactionSummary: shapes.TransactionSummary,
  WithReason: requests.WithReason,
} as const satisfies Record<string, z.ZodType>;
export type BodyName = keyof typeof BODIES;

type RouteConfig = Parameters<typeof createRoute>[0];
type SchemaObject = Readonly<Record<string, unknown>>;

/** The schemas of all bodies as OpenAPI components: zod's own JSON Schema, its parts made global. */
export function componentSchemas(): Readonly<Record<string, SchemaObject>> {
  const components: Record<string, SchemaObject> = {};
  for (const [name, shape] of Object.entries(BODIES)) {
    const { $schema: _, $defs = {}, ...schema } = z.toJSONSchema(shape, { io: 'input' });
    const globally = (part: unknown): SchemaObject =>
      JSON.parse(
        JSON.stringify(part).replaceAll('#/$defs/', `#/components/schemas/${name}.`),
      ) as SchemaObject;
    components[name] = globally(schema);
    for (const [key, part] of Object.entries($defs)) components[`${name}.${key}`] = globally(part);
  }
  return components;
}

/** A JSON body of that name. */
export function body(name: BodyName) {
  return { content: { 'application/json': { schema: reference(name) } } };
}

/** The answers of a route: its own, and a problem for everything else. */
export function answers(own: Readonly<Record<number, string | readonly [string, BodyName]>>) {
  const responses: RouteConfig['responses'] = {
    default: {
      description: 'A problem (RFC 9457) with a stable code',
      content: { [PROBLEM_TYPE]: { schema: reference('Problem') } },
    },
  };
  for (const [status, said] of Object.entries(own))
    responses[Number(status)] =
      typeof said === 'string' ? { description: said } : { description: said[0], ...body(said[1]) };
  return responses;
}

function reference(name: BodyName) {
  return { $ref: `#/components/schemas/${name}` };
}
