import { z } from 'zod';
import { EvidenceError, InvalidInputError } from './errors.ts';
import { strictText } from './evidence/canonical.ts';
import { digestOf } from './hash.ts';
import type { Json, JsonObject } from './json.ts';

export const STEPS_MAX = 100;
/** Distinct resources of one plan, at most: they are locked in one conditional write. */
export const RESOURCES_MAX = 64;
export const PLAN_BYTES_MAX = 256 * 1024;
export const DEADLINE_MS_MAX = 24 * 60 * 60 * 1000;

/** Who may be named as agent: also fits STS SourceIdentity. */
export const AgentId = z.string().regex(/^[A-Za-z0-9_.@-]{2,64}$/, 'is not an agent id');

const value: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.int(), z.boolean(), z.array(value), json]),
);
const json: z.ZodType<JsonObject> = z.record(z.string(), value);

/** The plan as agents write it: unknown fields are refused. */
export const Plan = z.strictObject({
  agent: AgentId,
  target: z.strictObject({
    partition: z.enum(['aws', 'aws-cn', 'aws-us-gov']),
    accountId: z.string().regex(/^\d{12}$/, 'is not a 12-digit account id'),
  }),
  purpose: z.string().min(1).max(500),
  steps: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'is not a step id'),
        action: z.string().min(1).max(128),
        input: json,
      }),
    )
    .min(1)
    .max(STEPS_MAX),
  deadlineMs: z.int().min(1).max(DEADLINE_MS_MAX),
});
export type Plan = z.infer<typeof Plan>;
export type Step = Plan['steps'][number];

/**
 * Parses a plan. Throws `InvalidInputError` (`invalid-plan`) that names the place.
 * Inputs of the steps are parsed by their actions, see `parseSteps`.
 */
export function parsePlan(input: unknown): Plan {
  const result = Plan.safeParse(input);
  if (!result.success) throw invalidPlan(result.error);
  const bytes = Buffer.byteLength(recordableText(result.data));
  if (bytes > PLAN_BYTES_MAX)
    throw new InvalidInputError(
      'plan-too-large',
      `plan has ${bytes} bytes, above ${PLAN_BYTES_MAX}`,
    );
  refuseDuplicateStepIds(result.data);
  return result.data;
}

/** Evidence takes no text that is not Unicode and no nesting without end. */
function recordableText(plan: Plan): string {
  try {
    return strictText(plan);
  } catch (cause) {
    if (!(cause instanceof EvidenceError)) throw cause;
    throw new InvalidInputError('invalid-plan', `plan is not valid: ${cause.message}`, { cause });
  }
}

/** The digest that the idempotency key is bound to: all of the plan. */
export function planDigest(plan: Plan): string {
  return digestOf(plan);
}

/** Names the first issue of a failed parse as `place: what`. */
export function issueText(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'invalid';
  const place = issue.path.length === 0 ? 'top level' : issue.path.join('.');
  return `${place}: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`;
}

function invalidPlan(error: z.ZodError): InvalidInputError {
  return new InvalidInputError('invalid-plan', `plan is not valid at ${issueText(error)}`, {
    hint: 'compare with a plan in examples/plans',
  });
}

function refuseDuplicateStepIds(plan: Plan): void {
  const seen = new Set<string>();
  for (const step of plan.steps) {
    if (seen.has(step.id))
      throw new InvalidInputError('invalid-plan', `step id \`${step.id}\` appears twice`);
    seen.add(step.id);
  }
}
