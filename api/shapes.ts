import { z } from 'zod';
import { KILL_MODES } from '../core/ports/kill-switch.ts';
import { FINAL_STATUSES, REASON_CODES } from '../core/transaction.ts';

// What the API answers and `--json` prints alike.

// RFC 3339 in UTC with milliseconds, as evidence has it.
export const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
export const digest = z.string().regex(/^[0-9a-f]{64}$/);
const json = z.json();
export const count = z.int().min(0);

export const STATUSES = [
  'proposed',
  'awaiting-approval',
  'running',
  'compensating',
  'parked',
  ...FINAL_STATUSES,
] as const;

export const Reason = z.strictObject({
  code: z.enum(REASON_CODES),
  detail: z.string().exactOptional(),
  message: z.string().exactOptional(),
  stepIndex: count.exactOptional(),
  holder: z.string().exactOptional(),
});

export const TransactionSummary = z.strictObject({
  id: z.string(),
  status: z.enum(STATUSES),
  agent: z.string(),
  target: z.strictObject({ partition: z.string(), accountId: z.string() }),
  purpose: z.string(),
  createdAt: instant,
  reason: Reason.exactOptional(),
});
export type TransactionSummary = z.infer<typeof TransactionSummary>;

export const TransactionList = z.strictObject({
  transactions: z.array(TransactionSummary),
  next: z.string().exactOptional(),
});

export type TransactionList = z.infer<typeof TransactionList>;

export const Facts = z.strictObject({
  widens: z.boolean(),
  affectedPrincipals: count,
  removedCount: count,
});

export const StepShape = z.strictObject({
  index: count,
  id: z.string(),
  action: z.string(),
  input: z.record(z.string(), json),
  state: z.enum(['planned', 'claimed', 'applied', 'not-applied', 'compensating', 'compensated']),
  resource: z.string().exactOptional(),
  before: json.exactOptional(),
  after: json.exactOptional(),
  facts: Facts.exactOptional(),
  /** When the target took the effect, and when a settled read showed it. */
  appliedAt: instant.exactOptional(),
  enforcedAt: instant.exactOptional(),
});
export type StepShape = z.infer<typeof StepShape>;

export const RecordShape = z.strictObject({
  seq: count,
  kind: z.string(),
  at: instant,
  epoch: count,
  actor: z.string(),
  stepIndex: count.exactOptional(),
  attempt: count.exactOptional(),
  data: z.record(z.string(), json),
});

const SealShape = z.strictObject({
  treeSize: count,
  root: digest,
  status: z.string(),
  final: z.boolean(),
  at: instant,
  keyId: digest,
});

export const Approval = z.strictObject({
  planDigest: digest,
  dryRunDigest: digest,
  policySetDigest: digest,
  needed: count,
  given: z.array(z.strictObject({ by: z.string(), at: instant, expiresAt: instant })),
  grantedAt: instant.exactOptional(),
});
export type Approval = z.infer<typeof Approval>;

export const Resolution = z.strictObject({
  as: z.enum(['applied', 'restored']),
  reason: z.string(),
  by: z.string(),
  at: instant,
});

export const TransactionDetail = z.strictObject({
  transaction: z.strictObject({
    ...TransactionSummary.shape,
    actor: z.string(),
    idempotencyKey: z.string(),
    planDigest: digest,
    deadlineMs: count,
    epoch: count,
    approvals: count,
    /** What it waits or has waited for; an approval names both digests. */
    approval: Approval.exactOptional(),
    sealed: z.boolean(),
    undoOf: z.string().exactOptional(),
    cancelled: z.strictObject({ by: z.string(), at: instant }).exactOptional(),
    resolution: Resolution.exactOptional(),
  }),
  steps: z.array(StepShape),
  records: z.array(RecordShape),
  seal: SealShape.exactOptional(),
});
export type TransactionDetail = z.infer<typeof TransactionDetail>;

export const Proposed = z.strictObject({
  transaction: TransactionSummary,
  isNew: z.boolean(),
  idempotencyKey: z.string(),
});

export type Proposed = z.infer<typeof Proposed>;

export const DecisionShape = z.strictObject({
  answer: z.enum(['allow', 'deny', 'awaiting-approval']),
  code: z.string().exactOptional(),
  reasons: z.array(z.strictObject({ id: z.string(), advice: z.string().exactOptional() })),
});
export type DecisionShape = z.infer<typeof DecisionShape>;

export const DryRun = z.strictObject({
  answer: z.enum(['allow', 'deny', 'awaiting-approval', 'refused']),
  reason: Reason.exactOptional(),
  policySetDigest: digest,
  steps: z.array(
    z.strictObject({
      index: count,
      id: z.string(),
      action: z.string(),
      resource: z.string(),
      before: json,
      after: json,
      facts: Facts,
      decision: DecisionShape,
    }),
  ),
});
export type DryRun = z.infer<typeof DryRun>;

export const KillStatus = z.strictObject({
  effective: z.enum(KILL_MODES),
  scopes: z.array(
    z.strictObject({
      scope: z.string(),
      mode: z.enum(KILL_MODES),
      by: z.string(),
      reason: z.string(),
      at: instant,
    }),
  ),
  by: z.string(),
  reason: z.string(),
  at: instant,
});
export type KillStatus = z.infer<typeof KillStatus>;

export const ActionList = z.strictObject({
  actions: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      description: z.string(),
      /** JSON Schema 2020-12. */
      input: z.record(z.string(), json),
    }),
  ),
});
export type ActionList = z.infer<typeof ActionList>;

export const PolicyList = z.strictObject({
  policySetDigest: digest,
  policies: z.array(
    z.strictObject({
      id: z.string(),
      mode: z.enum(['enforced', 'shadow']),
      advice: z.string().exactOptional(),
      /** So many approvals lift this forbid. */
      approval: count.exactOptional(),
      text: z.string(),
    }),
  ),
});
export type PolicyList = z.infer<typeof PolicyList>;

export const Health = z.strictObject({ status: z.literal('ok'), version: z.string() });
export type Health = z.infer<typeof Health>;

/** An error as RFC 9457 has it. `code` is stable and the same as in evidence and the CLI. */
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
  code: z.string(),
  hint: z.string().exactOptional(),
  /** The policies that determined a denial. */
  policies: z
    .array(z.strictObject({ id: z.string(), advice: z.string().exactOptional() }))
    .exactOptional(),
  /** The transaction that holds the lock. */
  holder: z.string().exactOptional(),
});
export type Problem = z.infer<typeof Problem>;
