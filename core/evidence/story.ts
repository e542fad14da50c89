import { z } from 'zod';
import { EvidenceError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { EvidenceRecord } from './record.ts';

/** The records of a transaction's stream by kind, in order, as far as its outcome rests on them. */
export type Story = { readonly [Kind in keyof typeof TOLD]: readonly Told<Kind>[] };
/** One record of a kind. */
export type Told<Kind extends keyof typeof TOLD> = z.infer<(typeof TOLD)[Kind]>;

/** The story of a stream. Throws `EvidenceError` (`evidence-inconsistent`) when a record lacks what
 * its kind must say. */
export function readStory(records: readonly EvidenceRecord[]): Story {
  const byKind = Map.groupBy(records, (record) => record.kind);
  const told = <Kind extends keyof typeof TOLD>(kind: Kind): readonly Told<Kind>[] =>
    (byKind.get(kind) ?? []).map((record) => tell(kind, record));
  return {
    proposed: told('proposed'),
    located: told('located'),
    preflighted: told('preflighted'),
    decided: told('decided'),
    approved: told('approved'),
    refused: told('refused'),
    claimed: told('claimed'),
    vended: told('vended'),
    acknowledged: told('acknowledged'),
    verified: told('verified'),
    unwinding: told('unwinding'),
    compensating: told('compensating'),
    compensated: told('compensated'),
    outcome: told('outcome'),
    resolved: told('resolved'),
  };
}

function tell<Kind extends keyof typeof TOLD>(kind: Kind, record: EvidenceRecord): Told<Kind> {
  const parsed = TOLD[kind].safeParse(record);
  if (parsed.success) return parsed.data as Told<Kind>;
  const place = parsed.error.issues[0]?.path.join('.') ?? 'record';
  throw new EvidenceError(
    'evidence-inconsistent',
    `record ${record.seq} (\`${kind}\`): \`${place}\` is missing or not valid`,
  );
}

const count = z.int().min(0);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
// States and plans are digested as they stand in the record: zod must not copy them.
const json = z.custom<Json>((value) => value !== undefined);
const plan = z.custom<{ readonly steps: readonly Json[] }>((value) =>
  Array.isArray((value as { steps?: unknown } | undefined)?.steps),
);

const always = { seq: count, at: z.string(), epoch: count };
const ofStep = { ...always, stepIndex: count };

const PREPARED = z.object({
  stepIndex: count,
  before: json,
  beforeDigest: digest,
  predicted: json,
  predictedDigest: digest,
  resources: json.optional(),
  footprint: json.optional(),
  facts: json.optional(),
  decision: z.object({ answer: z.string(), approvalsNeeded: count.optional() }).optional(),
});

const DECISION = z.object({
  id: z.string().min(1),
  kind: z.literal('apply'),
  transactionId: z.string(),
  epoch: count,
  stepIndex: count,
  attempt: count,
  planDigest: digest,
  beforeDigest: digest,
  policySetDigest: digest.optional(),
  approvals: count.optional(),
  expiresAt: count,
});

const CLAIM = z.object({
  attemptId: z.string().min(1),
  decisionId: z.string(),
  beforeDigest: digest,
});
const STATE = z.object({ after: json, afterDigest: digest });

const byActor = { ...always, actor: z.string() };

const TOLD = {
  proposed: z.object({ ...byActor, data: z.object({ planDigest: digest, plan }) }),
  located: z.object({
    ...always,
    stepIndex: count.optional(),
    data: z.object({ target: json.optional() }),
  }),
  preflighted: z.object({
    ...always,
    data: z.object({ steps: z.array(PREPARED), policySetDigest: digest.optional() }),
  }),
  decided: z.object({
    ...always,
    stepIndex: count.optional(),
    attempt: count.optional(),
    data: z.object({ answer: z.string(), decision: DECISION.optional() }),
  }),
  approved: z.object({
    ...byActor,
    data: z.object({
      by: z.string(),
      expiresAt: count,
      planDigest: digest,
      dryRunDigest: digest,
      policySetDigest: digest,
    }),
  }),
  refused: z.object({ ...byActor, data: z.object({ by: z.string(), reason: z.string() }) }),
  claimed: z.object({
    ...ofStep,
    attempt: count,
    data: CLAIM.extend({ kind: z.literal('apply') }),
  }),
  vended: z.object({ ...ofStep, data: z.object({ attemptId: z.string() }) }),
  acknowledged: z.object({
    ...ofStep,
    data: z.object({
      attemptId: z.string(),
      answer: z.enum(['applied', 'recovered', 'refused', 'not-applied']),
    }),
  }),
  verified: z.object({ ...ofStep, data: STATE.extend({ ok: z.boolean() }) }),
  unwinding: z.object({ ...ofStep, data: z.object({ reason: json.optional() }) }),
  compensating: z.object({ ...ofStep, data: CLAIM }),
  compensated: z.object({
    ...ofStep,
    data: STATE.extend({ attemptId: z.string().optional() }),
  }),
  outcome: z.object({
    ...always,
    data: z.object({
      status: z.enum(['committed', 'rejected', 'compensated', 'stuck']),
      reason: json.optional(),
    }),
  }),
  resolved: z.object({
    ...always,
    data: z.object({
      as: z.enum(['applied', 'restored']),
      reason: z.string(),
      by: z.string().min(1),
    }),
  }),
} as const;
