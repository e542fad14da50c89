import { EvidenceError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Of } from './loose-shape.ts';
import { listOf, object, oneOf, optional, that } from './loose-shape.ts';
import type { EvidenceRecord } from './record.ts';
import { isCount, isDigest, isText } from './shape.ts';

/** The records of a transaction's stream by kind, in order, as far as its outcome rests on them. */
export type Story = { readonly [Kind in keyof typeof TOLD]: readonly Told<Kind>[] };
/** One record of a kind. */
export type Told<Kind extends keyof typeof TOLD> = Of<(typeof TOLD)[Kind]>;

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
  const fault = TOLD[kind](record);
  if (fault === undefined) return record as unknown as Told<Kind>;
  throw new EvidenceError(
    'evidence-inconsistent',
    `record ${record.seq} (\`${kind}\`): \`${fault || 'record'}\` is missing or not valid`,
  );
}

const count = that<number>(isCount);
const digest = that<string>(isDigest);
const text = that<string>(isText);
const name = that<string>((value) => isText(value) && value !== '');
const json = that<Json>((value) => value !== undefined);
const plan = object({ steps: listOf(json) });

const always = { seq: count, at: text, epoch: count };
const ofStep = { ...always, stepIndex: count };

const PREPARED = object({
  stepIndex: count,
  before: json,
  beforeDigest: digest,
  predicted: json,
  predictedDigest: digest,
  resources: optional(json),
  footprint: optional(json),
  facts: optional(json),
  decision: optional(object({ answer: text, approvalsNeeded: optional(count) })),
});

const DECISION = object({
  id: name,
  kind: oneOf('apply'),
  transactionId: text,
  epoch: count,
  stepIndex: count,
  attempt: count,
  planDigest: digest,
  beforeDigest: digest,
  policySetDigest: optional(digest),
  approvals: optional(count),
  expiresAt: count,
});

const CLAIM = {
  attemptId: name,
  decisionId: text,
  beforeDigest: digest,
};
const STATE = { after: json, afterDigest: digest };

const byActor = { ...always, actor: text };

const TOLD = {
  proposed: object({ ...byActor, data: object({ planDigest: digest, plan }) }),
  located: object({
    ...always,
    stepIndex: optional(count),
    data: object({ target: optional(json) }),
  }),
  preflighted: object({
    ...always,
    data: object({ steps: listOf(PREPARED), policySetDigest: optional(digest) }),
  }),
  decided: object({
    ...always,
    stepIndex: optional(count),
    attempt: optional(count),
    data: object({ answer: text, decision: optional(DECISION) }),
  }),
  approved: object({
    ...byActor,
    data: object({
      by: text,
      expiresAt: count,
      planDigest: digest,
      dryRunDigest: digest,
      policySetDigest: digest,
    }),
  }),
  refused: object({ ...byActor, data: object({ by: text, reason: text }) }),
  claimed: object({
    ...ofStep,
    attempt: count,
    data: object({ ...CLAIM, kind: oneOf('apply') }),
  }),
  vended: object({ ...ofStep, data: object({ attemptId: text }) }),
  acknowledged: object({
    ...ofStep,
    data: object({
      attemptId: text,
      answer: oneOf('applied', 'recovered', 'refused', 'not-applied'),
    }),
  }),
  verified: object({
    ...ofStep,
    data: object({ ...STATE, ok: that<boolean>((value) => typeof value === 'boolean') }),
  }),
  unwinding: object({ ...ofStep, data: object({ reason: optional(json) }) }),
  compensating: object({ ...ofStep, data: object(CLAIM) }),
  compensated: object({
    ...ofStep,
    data: object({ ...STATE, attemptId: optional(text) }),
  }),
  outcome: object({
    ...always,
    data: object({
      status: oneOf('committed', 'rejected', 'compensated', 'stuck'),
      reason: optional(json),
    }),
  }),
  resolved: object({
    ...always,
    data: object({
      as: oneOf('applied', 'restored'),
      reason: text,
      by: name,
    }),
  }),
} as const;
