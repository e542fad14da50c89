import { z } from 'zod';
import { defineAction } from '../core/action.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Cloud } from '../core/ports/cloud.ts';

const ROLE_ARN = 'arn:aws:iam::111122223333:role';

const INPUT: z.ZodType<{ name: string; mark: string }> = z.strictObject({
  name: z.string(),
  mark: z.string().length(200),
});

/** An action of 200 bytes in and out whose target costs nothing: what is left is the engine. */
export const inertAction = defineAction<{ name: string; mark: string }, JsonObject>({
  id: 'bench:MarkRole',
  version: 1,
  title: 'Mark a role',
  description: 'Sets the mark of a role in memory; undone by the mark of before.',
  input: INPUT,
  locate: async (input, { accountId }) => ({
    accountId,
    arn: `${ROLE_ARN}/${input.name}`,
    uniqueId: input.name,
    attributes: {},
    affected: [],
  }),
  resources: (target) => [target.arn],
  permissions: (target) => {
    const all = [{ actions: ['bench:MarkRole'], resources: [target.arn] }];
    return { read: all, apply: all, compensate: all };
  },
  footprint: (target) => target.arn,
  read: async (_target, input, cloud) => (await call(cloud, 'Read', input)) as JsonObject,
  predict: (input) => ({ mark: input.mark }),
  apply: async (_target, input, _before, cloud) => {
    await call(cloud, 'Write', { name: input.name, mark: input.mark });
  },
  compensate: async (_target, input, before, cloud) => {
    const mark = before['mark'] as string;
    await call(cloud, 'Write', { name: input.name, mark });
  },
  restorable: () => true,
  facts: () => ({ widens: false, affectedPrincipals: 0, removedCount: 0 }),
  inverse: () => undefined,
});

/** The target of the inert action. */
export function inertCloud(): Cloud {
  const marks = new Map<string, string>();
  return {
    async call({ operation, input }): Promise<Json> {
      const name = input['name'] as string;
      if (operation === 'bench:Write') marks.set(name, input['mark'] as string);
      return { mark: marks.get(name) ?? '-'.repeat(200) };
    },
  };
}

function call(cloud: Cloud, operation: string, input: JsonObject): Promise<Json> {
  return cloud.call({ operation: `bench:${operation}`, input });
}
