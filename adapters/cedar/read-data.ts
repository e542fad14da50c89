import { parse } from 'lossless-json';
import { z } from 'zod';
import { PolicyInvalidError } from '../../core/errors.ts';
import { AgentId, issueText } from '../../core/plan.ts';

// The role of one agent, in an account or in that of the control plane.
const AgentRole = z
  .string()
  .max(2048)
  .regex(
    /^arn:aws[a-z-]*:iam::(\d{12}|\{account\}):role\/([\w+=,.@-]+\/)*([\w+=,.@-]|\{stage\})+$/,
    'must be the ARN of a role; it may name `{account}` and `{stage}`',
  );

const areUnique = (values: readonly string[]) => new Set(values).size === values.length;

/** `agents.json`: the agents that exist, and the roles that they come with; any other is denied. */
export const Agents = z.strictObject({
  agents: z
    .array(
      z.strictObject({
        id: AgentId,
        description: z.string().max(500),
        roles: z.array(AgentRole).max(20).exactOptional(),
      }),
    )
    .max(1000)
    .refine((agents) => areUnique(agents.map(({ id }) => id)), {
      message: 'names an agent twice',
    })
    .refine((agents) => areUnique(agents.flatMap(({ roles = [] }) => roles)), {
      message: 'names a role twice',
    }),
});

/** `protection.json`, see `ProtectionData`. */
export const Protection = z
  .strictObject({
    paths: z.array(z.string().regex(/^\/(.*\/)?$/, 'must begin and end with a slash')).max(100),
    tags: z
      .array(
        z.strictObject({
          key: z.string().min(1).max(128),
          values: z.array(z.string().max(256)).min(1).max(20).optional(),
        }),
      )
      .max(100),
    arnPatterns: z.array(z.string().min(1).max(2048)).max(100),
  })
  .transform(({ paths, tags, arnPatterns }) => ({
    paths,
    arnPatterns,
    tags: tags.map(({ key, values }) => (values === undefined ? { key } : { key, values })),
  }));

const bound = z.int().min(0).max(1_000_000);

/** `blast-radius.json`, see `BlastRadius`. */
export const Radius = z.strictObject({
  affectedPrincipalsMax: bound,
  stepsMax: bound,
  resourcesMax: bound,
});

/** Parses the text of a JSON data file; duplicate keys and numbers that are not safe integers are
 * refused. Throws `PolicyInvalidError` (`data-invalid`) naming file and place. */
export function parseData<T>(schema: z.ZodType<T>, file: string, text: string): T {
  const result = schema.safeParse(parseStrictly(file, text));
  if (result.success) return result.data;
  throw new PolicyInvalidError(
    'data-invalid',
    `\`${file}\` is not valid at ${issueText(result.error)}`,
  );
}

function parseStrictly(file: string, text: string): unknown {
  try {
    return parse(text, undefined, safeInteger);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unreadable';
    throw new PolicyInvalidError('data-invalid', `\`${file}\` does not parse: ${lowerFirst(why)}`, {
      cause,
    });
  }
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

function safeInteger(text: string): number {
  const number = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new PolicyInvalidError('data-invalid', `\`${text}\` is not an integer within 2^53`);
  return number;
}
