import type { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Action } from '../core/action.ts';
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

/** The schemas of all bodies as OpenAPI components: zod's own JSON Schema, its parts made global.
 * A step of a plan is one of the registered actions with its input. */
export function componentSchemas(
  actions: readonly Action[],
): Readonly<Record<string, SchemaObject>> {
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
  const { Plan } = components;
  const steps = actions.map((action) => [`Step.${action.id.replace(':', '.')}`, action] as const);
  for (const [name, action] of steps) components[name] = stepSchema(Plan as PlanSchema, action);
  return { ...components, Plan: planSchema(Plan as PlanSchema, steps) };
}

/** As much of the schema of a plan as is looked into here. */
interface PlanSchema extends SchemaObject {
  readonly properties: {
    readonly steps: SchemaObject & { readonly items: StepSchema };
  };
}
interface StepSchema extends SchemaObject {
  readonly properties: Readonly<Record<'id' | 'action' | 'input', SchemaObject>>;
}

function stepSchema({ properties }: PlanSchema, { id, title, input }: Action): SchemaObject {
  const { items } = properties.steps;
  const { $schema: _, ...inputSchema } = z.toJSONSchema(input);
  const action = { type: 'string', const: id };
  return {
    ...items,
    title,
    properties: { ...items.properties, action, input: JSON.parse(JSON.stringify(inputSchema)) },
  };
}

function planSchema(
  { properties, ...plan }: PlanSchema,
  steps: readonly (readonly [string, Action])[],
): SchemaObject {
  const to = (name: string) => `#/components/schemas/${name}`;
  const items = {
    oneOf: steps.map(([name]) => ({ $ref: to(name) })),
    discriminator: {
      propertyName: 'action',
      mapping: Object.fromEntries(steps.map(([name, { id }]) => [id, to(name)])),
    },
  };
  return { ...plan, properties: { ...properties, steps: { ...properties.steps, items } } };
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
