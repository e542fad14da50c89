import { z } from 'zod';

/** What the control plane would say to a plan: decided and predicted, nothing done. */
export const Rehearsal = z.strictObject({
  outcome: z.enum(['would-run', 'would-wait-for-approval', 'would-be-rejected']),
  reason: z
    .strictObject({ code: z.string(), message: z.string(), stepIndex: z.int().exactOptional() })
    .exactOptional(),
  /** Empty where a plan ends before its steps are decided. */
  steps: z.array(
    z.strictObject({
      action: z.string(),
      answer: z.enum(['allow', 'deny', 'awaiting-approval']),
      /** The policies that made the answer. */
      policies: z.array(z.strictObject({ id: z.string(), advice: z.string().exactOptional() })),
      facts: z.strictObject({
        widens: z.boolean(),
        affectedPrincipals: z.int(),
        removedCount: z.int(),
      }),
      /** False where the step would change nothing. */
      changes: z.boolean(),
    }),
  ),
});
export type Rehearsal = z.infer<typeof Rehearsal>;
