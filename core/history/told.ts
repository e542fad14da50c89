import { z } from 'zod';
import type { Target } from '../action.ts';
import { EvidenceError } from '../errors.ts';
import type { EvidenceRecord, TRANSACTION_RECORD_KINDS } from '../evidence/record.ts';
import { isObject } from '../evidence/shape.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Plan } from '../plan.ts';
import type { PreparedStep, Reason } from '../transaction.ts';

/** A record's data, as far as a state rests on it. */
export type ToldData<Kind extends TransactionRecordKind> = z.infer<(typeof TOLD)[Kind]>;
export type TransactionRecordKind = (typeof TRANSACTION_RECORD_KINDS)[number];

/** The data of a record. Throws `EvidenceError` (`evidence-inconsistent`) when it lacks what its
 * kind must say. */
export function dataOf<Kind extends TransactionRecordKind>(
  kind: Kind,
  record: EvidenceRecord,
): ToldData<Kind> {
  const parsed = TOLD[kind].safeParse(record.data);
  if (parsed.success) return parsed.data as ToldData<Kind>;
  const place = parsed.error.issues[0]?.path.join('.') || 'data';
  throw notTold(record, `\`${place}\` is missing or not valid`);
}

/** The step that a record is of. Throws `EvidenceError` (`evidence-inconsistent`). */
export function stepIndexOf(record: EvidenceRecord, stepCount: number): number {
  const { stepIndex } = record;
  if (stepIndex !== undefined && stepIndex < stepCount) return stepIndex;
  throw notTold(record, 'it names no step of the plan');
}

/** Says of a record that no state can be made of it. */
export function notTold({ seq, kind }: EvidenceRecord, problem: string): EvidenceError {
  return new EvidenceError('evidence-inconsistent', `record ${seq} (\`${kind}\`): ${problem}`);
}

const count = z.int().min(0);
// States, plans and answers are taken as they stand in the record: zod must not copy them.
const json = z.custom<Json>((value) => value !== undefined);
const object = z.custom<JsonObject>(isObject);
const plan = z.custom<Plan>((value) => isObject(value) && Array.isArray(value['steps']));
const target = z.custom<Target>(isObject);
const reason = z.custom<Reason>((value) => isObject(value) && typeof value['code'] === 'string');
const preparedStep = z.custom<PreparedStep & { stepIndex: number; decision: JsonObject }>(
  (value) =>
    isObject(value) &&
    Number.isSafeInteger(value['stepIndex']) &&
    typeof value['beforeDigest'] === 'string' &&
    typeof value['predictedDigest'] === 'string' &&
    isObject(value['decision']),
);
const claim = z.object({
  attemptId: z.string(),
  decisionId: z.string(),
  effectDeadline: count,
  beforeDigest: z.string(),
});

const TOLD = {
  proposed: z.object({
    agent: z.string(),
    plan,
    planDigest: z.string(),
    undoOf: z.string().exactOptional(),
  }),
  located: z.object({ target }),
  preflighted: z.object({
    steps: z.array(preparedStep),
    policySetDigest: z.string().exactOptional(),
  }),
  decided: z.object({ answer: z.string() }),
  approved: z.object({ by: z.string(), expiresAt: count }),
  refused: z.object({}),
  claimed: claim,
  vended: z.object({ attemptId: z.string(), policyDigest: z.string() }),
  acknowledged: z.object({
    attemptId: z.string(),
    answer: z.enum(['applied', 'recovered', 'refused', 'not-applied']),
  }),
  verified: z.object({
    after: json,
    afterDigest: z.string(),
    ok: z.boolean(),
    decision: object.exactOptional(),
  }),
  unwinding: z.object({ reason: reason.exactOptional() }),
  parked: z.object({}),
  resumed: z.object({ phase: z.enum(['claimed', 'verify']) }),
  compensating: claim.extend({ decision: object.exactOptional() }),
  compensated: z.object({ attemptId: z.string(), after: json, afterDigest: z.string() }),
  outcome: z.object({
    status: z.enum(['committed', 'rejected', 'compensated', 'stuck']),
    reason: reason.exactOptional(),
  }),
  resolved: z.object({
    as: z.enum(['applied', 'restored']),
    reason: z.string(),
    by: z.string(),
  }),
} as const;
