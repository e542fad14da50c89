import { z } from 'zod';
import {
  Approval,
  count,
  digest,
  Facts,
  instant,
  RecordShape,
  Resolution,
  StepShape,
  TransactionSummary,
} from '../api/shapes.ts';

// What `--json` prints of the past of a transaction, made of its records alone.

const json = z.json();
const ofStep = {
  index: StepShape.shape.index,
  id: StepShape.shape.id,
  action: StepShape.shape.action,
  /** Where the effect stood by then. */
  state: StepShape.shape.state,
  resource: StepShape.shape.resource,
  /** The edge of the target that the step changes. */
  footprint: z.string().exactOptional(),
};
const ReadBack = { seq: count, after: json, afterDigest: digest };

export const TransactionAt = z.strictObject({
  /** The last record that is known. */
  record: RecordShape,
  /** How many records there are by now. */
  records: count,
  transaction: z.strictObject({
    ...TransactionSummary.shape,
    actor: z.string(),
    planDigest: digest,
    epoch: count,
    /** What came next. */
    cursor: z.strictObject({ stepIndex: count, phase: z.string(), attempt: count }),
    approval: Approval.exactOptional(),
    undoOf: z.string().exactOptional(),
    resolution: Resolution.exactOptional(),
  }),
  steps: z.array(
    z.strictObject({
      ...ofStep,
      input: StepShape.shape.input,
      /** What was located: ARN and unique id. */
      target: z.strictObject({ arn: z.string(), uniqueId: z.string() }).exactOptional(),
      before: json.exactOptional(),
      beforeDigest: digest.exactOptional(),
      predicted: json.exactOptional(),
      predictedDigest: digest.exactOptional(),
      facts: Facts.exactOptional(),
      /** The last answer of the decision point: before what, and by which record. */
      decision: z
        .strictObject({
          of: z.enum(['preflight', 'apply', 'verify', 'compensate']),
          seq: count,
          answer: z.string(),
          code: z.string().exactOptional(),
          approvalsNeeded: count.exactOptional(),
          reasons: z.array(z.strictObject({ id: z.string(), advice: z.string().exactOptional() })),
        })
        .exactOptional(),
      claims: z.array(
        z.strictObject({
          kind: z.enum(['apply', 'compensate']),
          attempt: count,
          attemptId: z.string(),
          epoch: count,
          decisionId: z.string(),
          effectDeadline: instant,
          /** True once its credentials were vended. */
          vended: z.boolean(),
          answer: z.enum(['applied', 'recovered', 'refused', 'not-applied']).exactOptional(),
        }),
      ),
      verified: z.strictObject({ ...ReadBack, ok: z.boolean() }).exactOptional(),
      compensated: z.strictObject(ReadBack).exactOptional(),
    }),
  ),
});
export type TransactionAt = z.infer<typeof TransactionAt>;

/** `predicted` was never read back; `restored` was read after an inverse. */
const STATE_NAMES = ['before', 'predicted', 'after', 'restored'] as const;

export const TransactionDiff = z.strictObject({
  transaction: TransactionSummary,
  steps: z.array(
    z.strictObject({
      ...ofStep,
      /** In the order in which the target was in them. */
      states: z.array(
        z.strictObject({
          name: z.enum(STATE_NAMES),
          /** The record that says so. */
          seq: count,
          digest,
          state: json,
        }),
      ),
      /** From each state to the next; lines begin with `-`, `+` or a space. */
      changes: z.array(
        z.strictObject({
          from: z.enum(STATE_NAMES),
          to: z.enum(STATE_NAMES),
          lines: z.array(z.string()),
        }),
      ),
    }),
  ),
});
export type TransactionDiff = z.infer<typeof TransactionDiff>;
