import { z } from 'zod';
import { count, digest, instant } from '../api/shapes.ts';

// What `drift --json` prints.

const State = z.strictObject({ digest, state: z.json() });
/** What a transaction left, and the record that says so. */
const Left = z.strictObject({
  transactionId: z.string(),
  stepIndex: count,
  seq: count,
  at: instant,
  /** Read back before the commit, or said by an operator of a stuck one. */
  by: z.enum(['committed', 'resolved']),
  ...State.shape,
});
const ofFootprint = { footprint: z.string(), resource: z.string(), left: Left };

export const DriftReport = z.strictObject({
  /** True when every footprint was read and is as it was left. */
  ok: z.boolean(),
  /** How many were looked at. */
  footprints: count,
  drifted: z.array(
    z.strictObject({
      ...ofFootprint,
      found: z.enum(['changed', 'deleted', 'recreated']),
      /** What is there now; with `changed`. */
      now: State.exactOptional(),
      /** From what was left to what is there; lines begin with `-`, `+` or a space. */
      lines: z.array(z.string()).exactOptional(),
    }),
  ),
  /** Different, and in the hands of another transaction. */
  held: z.array(z.strictObject({ ...ofFootprint, holder: z.string() })),
  unreadable: z.array(
    z.strictObject({
      footprint: z.string(),
      transactionId: z.string(),
      stepIndex: count,
      code: z.string(),
      message: z.string(),
    }),
  ),
});
export type DriftReport = z.infer<typeof DriftReport>;
