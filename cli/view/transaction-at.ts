import { recordOf } from '../../api/view/detail.ts';
import type { EvidenceRecord } from '../../core/evidence/record.ts';
import { stateAt } from '../../core/history/history.ts';
import type {
  ReadBack,
  RecordedClaim,
  RecordedDecision,
  RecordedState,
  RecordedStep,
} from '../../core/history/recorded-state.ts';
import type { TransactionAt } from '../json-shapes.ts';
import { headOf, standingOf, summaryOfState } from './recorded.ts';

type StepAt = TransactionAt['steps'][number];

/** What the records of a transaction told by one of them. Throws `InvalidInputError`
 * (`no-such-record`). */
export function transactionAt(
  id: string,
  records: readonly EvidenceRecord[],
  seq: number,
): TransactionAt {
  const state = stateAt(records, seq);
  const { actor, planDigest, epoch, cursor } = state;
  return {
    record: recordOf(records[seq] as EvidenceRecord),
    records: records.length,
    transaction: {
      ...summaryOfState(id, state),
      ...{ actor, planDigest, epoch, cursor },
      ...standingOf(state),
    },
    steps: state.steps.map((step, index) => stepOf(state, step, index)),
  };
}

function stepOf(state: RecordedState, step: RecordedStep, index: number): StepAt {
  const { target, prepared, decision, claims, verified, compensated } = step;
  const input = state.plan.steps[index]?.input ?? {};
  return {
    ...headOf(state, index),
    input: input as StepAt['input'],
    ...(target === undefined ? {} : { target: { arn: target.arn, uniqueId: target.uniqueId } }),
    ...(prepared === undefined ? {} : preparedOf(prepared)),
    ...(decision === undefined ? {} : { decision: decisionOf(decision) }),
    claims: claims.map(claimOf),
    ...(verified === undefined ? {} : { verified: { ...readBackOf(verified), ok: verified.ok } }),
    ...(compensated === undefined ? {} : { compensated: readBackOf(compensated) }),
  };
}

function preparedOf(prepared: NonNullable<RecordedStep['prepared']>) {
  const { before, beforeDigest, predicted, predictedDigest, facts } = prepared;
  const states = { before: before as StepAt['before'], predicted: predicted as StepAt['before'] };
  return { ...states, beforeDigest, predictedDigest, facts } as Partial<StepAt>;
}

function decisionOf({ of, seq, answer }: RecordedDecision): NonNullable<StepAt['decision']> {
  const { answer: given, code, approvalsNeeded, reasons } = answer;
  return {
    of,
    seq,
    answer: String(given),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof approvalsNeeded === 'number' ? { approvalsNeeded } : {}),
    reasons: (reasons ?? []) as NonNullable<StepAt['decision']>['reasons'],
  };
}

function claimOf(claim: RecordedClaim): StepAt['claims'][number] {
  const { kind, attempt, attemptId, epoch, decisionId, effectDeadline, answer } = claim;
  return {
    ...{ kind, attempt, attemptId, epoch, decisionId },
    effectDeadline: new Date(effectDeadline).toISOString(),
    vended: claim.policyDigest !== undefined,
    ...(answer === undefined ? {} : { answer }),
  };
}

function readBackOf({ seq, state, digest }: ReadBack) {
  const after = state as NonNullable<StepAt['verified']>['after'];
  return { seq, after, afterDigest: digest };
}
