import { z } from 'zod';
import { count, digest, instant, Reason, STATUSES, TransactionSummary } from '../api/shapes.ts';

export {
  type DecisionShape,
  DryRun,
  KillStatus,
  Proposed,
  STATUSES,
  StepShape,
  TransactionDetail,
  TransactionList,
  TransactionSummary,
} from '../api/shapes.ts';
export { DriftReport } from './drift-shape.ts';
export { TransactionAt, TransactionDiff } from './history-shapes.ts';

// What `--json` prints. docs/json.md shows these schemas; a test holds the two together.

export const ErrorShape = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    hint: z.string().exactOptional(),
  }),
});

const Check = z.strictObject({
  ok: z.union([z.boolean(), z.literal('unknown')]),
  reason: z.string(),
});
const checks = { integrity: Check, signer: Check, complete: Check, outcome: Check };

export const EvidenceVerdictShape = z.strictObject({ ok: z.boolean(), ...checks });

const StreamVerdict = z.strictObject({ streamId: z.string(), ok: z.boolean(), ...checks });

const verifiedStreams = {
  checked: count,
  valid: count,
  /** The others, the first 1,000. */
  streams: z.array(StreamVerdict),
};

export const EvidenceOfAll = z.strictObject({
  ok: z.boolean(),
  /** Of transactions. */
  ...verifiedStreams,
  /** What is wrong with the store's file. */
  damage: z.array(z.string()),
  /** Of the control plane itself: one a day, the last of which is open. */
  control: z.strictObject(verifiedStreams),
  /** Transactions whose records are in an archive alone. */
  pruned: z.strictObject({ streams: count, records: count, problems: z.array(z.string()) }),
  log: z.strictObject({
    ok: z.boolean(),
    size: count,
    /** Published and pinned ones that it continues. */
    checkpoints: count,
    /** Seals that are not in it yet. */
    pending: count,
    problems: z.array(z.string()),
  }),
});

const Divergence = z.strictObject({
  seq: count,
  field: z.string(),
  message: z.string(),
  recorded: z.string().exactOptional(),
  replayed: z.string().exactOptional(),
});

export const ReplayReport = z.strictObject({
  ok: z.boolean(),
  transactions: z.array(
    z.strictObject({
      streamId: z.string(),
      ok: z.boolean(),
      records: count,
      seals: count,
      executions: count,
      divergence: Divergence.exactOptional(),
    }),
  ),
});

const Turn = z.strictObject({
  /** The record that holds the recorded decision. */
  seq: count,
  action: z.string(),
  stepIndex: count.exactOptional(),
  recorded: z.enum(['allow', 'deny', 'awaiting-approval']),
  answer: z.enum(['allow', 'deny', 'awaiting-approval']),
  code: z.string().exactOptional(),
  policies: z.array(z.string()),
});

export const CounterfactualReport = z.strictObject({
  policySetDigest: digest,
  same: count,
  differs: count,
  undetermined: count,
  transactions: z.array(
    z.strictObject({
      streamId: z.string(),
      verdict: z.enum(['same', 'differs', 'undetermined']),
      /** Of a transaction that would be the same. */
      status: z.enum(STATUSES).exactOptional(),
      turn: Turn.exactOptional(),
      would: z
        .strictObject({
          status: z.enum([...STATUSES, 'refused']),
          reason: Reason.exactOptional(),
          compensates: z.array(count),
        })
        .exactOptional(),
      sentence: z.string().exactOptional(),
      why: z.string().exactOptional(),
    }),
  ),
});

export const EvidenceKey = z.strictObject({ keyId: digest, publicKey: z.string() });

export const CheckpointShape = z.strictObject({
  origin: z.string(),
  size: count,
  root: z.base64(),
  note: z.string(),
});
export type CheckpointShape = z.infer<typeof CheckpointShape>;

export const KeyRotated = z.strictObject({ keyId: digest, replaces: digest });

export const Resumed = z.strictObject({ transactions: z.array(TransactionSummary) });

export const Exported = z.strictObject({
  file: z.string(),
  streamId: z.string(),
  records: count,
  seals: count,
  /** How many of the seals are in the log. */
  logged: count,
  bytes: count,
});

export const Salvaged = z.strictObject({
  ok: z.boolean(),
  folder: z.string(),
  damage: z.array(z.string()),
  exported: count,
  valid: count,
  damagedCount: count,
  damaged: z.array(z.strictObject({ streamId: z.string(), reason: z.string() })),
});

export const RetentionShape = z.strictObject({ days: count });

export const Pruned = z.strictObject({
  dryRun: z.boolean(),
  before: instant,
  retentionDays: count,
  streams: count,
  records: count,
  skippedCount: count,
  skipped: z.array(z.strictObject({ streamId: z.string(), reason: z.string() })),
});

export const PolicyTest = z.strictObject({
  passed: count,
  failed: count,
  cases: z.array(
    z.strictObject({
      file: z.string(),
      name: z.string(),
      passed: z.boolean(),
      expected: z.string(),
      actual: z.string(),
    }),
  ),
});

export const Doctor = z.strictObject({
  ok: z.boolean(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      level: z.enum(['ok', 'warn', 'fail']),
      message: z.string(),
      hint: z.string().exactOptional(),
    }),
  ),
});
export type Doctor = z.infer<typeof Doctor>;

export const TokenShape = z.strictObject({
  id: z.string(),
  /** `agent:ID` or `operator:NAME`. */
  principal: z.string(),
  createdAt: instant,
  createdBy: z.string(),
  expiresAt: instant.exactOptional(),
  revokedAt: instant.exactOptional(),
});
export type TokenShape = z.infer<typeof TokenShape>;

export const TokenCreated = z.strictObject({
  ...TokenShape.shape,
  /** Shown this once. */
  token: z.string(),
});

export const TokenList = z.strictObject({ tokens: z.array(TokenShape) });

export const Serving = z.strictObject({ url: z.string() });
