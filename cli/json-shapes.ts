import { z } from 'zod';
import { count, digest, instant, TransactionSummary } from '../api/shapes.ts';

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

export const EvidenceOfAll = z.strictObject({
  ok: z.boolean(),
  checked: count,
  valid: count,
  streams: z.array(z.strictObject({ streamId: z.string(), ok: z.boolean(), ...checks })),
  damage: z.array(z.string()),
  control: z.strictObject({ streams: count, records: count, sealed: z.literal(false) }),
});

export const EvidenceKey = z.strictObject({ keyId: digest, publicKey: z.string() });

export const Resumed = z.strictObject({ transactions: z.array(TransactionSummary) });

export const Exported = z.strictObject({
  file: z.string(),
  streamId: z.string(),
  records: count,
  seals: count,
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
