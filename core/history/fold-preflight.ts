import { dryRunDigestOf, validGiven } from '../approval.ts';
import type { EvidenceRecord } from '../evidence/record.ts';
import type { Approval } from '../transaction.ts';
import { decisionOf, withStep } from './changes.ts';
import type { RecordedState } from './recorded-state.ts';
import type { ToldData } from './told.ts';

/** A plan is decided once the record with its last step is there. */
export function foldPreflighted(
  state: RecordedState,
  { steps, policySetDigest = '' }: ToldData<'preflighted'>,
  record: EvidenceRecord,
): RecordedState {
  const seen = steps.reduce((known, { stepIndex, decision, ...prepared }) => {
    const place = { ...record, stepIndex };
    return withStep(known, place, {
      prepared,
      preparedSeq: record.seq,
      decision: decisionOf('preflight', record, decision),
    });
  }, state);
  const isWhole = steps.some(({ stepIndex }) => stepIndex === state.steps.length - 1);
  if (!isWhole) return seen;
  const answers = seen.steps.map(({ decision }) => decision?.answer ?? {});
  const { approval } = state;
  const dryRunDigest = digestOfRun(seen);
  if (answers.every(({ answer }) => answer === 'allow')) {
    const isAsApproved =
      approval === undefined || isAsWhen(approval, { dryRunDigest, policySetDigest, at: state.at });
    const cursor = { stepIndex: 0, phase: 'authorize', attempt: 1 } as const;
    return isAsApproved ? { ...seen, status: 'running', cursor } : seen;
  }
  // It is rejected by the next record of the same write.
  if (approval !== undefined || answers.some(({ answer }) => answer === 'deny')) return seen;
  const needed = Math.max(...answers.map((one) => Number(one['approvalsNeeded'] ?? 0)));
  const { planDigest } = state;
  const waiting = { planDigest, dryRunDigest, policySetDigest, needed, given: [] };
  return { ...seen, status: 'awaiting-approval', approval: waiting };
}

function digestOfRun({ steps }: RecordedState): string {
  return dryRunDigestOf({
    targets: steps.flatMap(({ target }) => (target === undefined ? [] : [target])),
    prepared: steps.flatMap(({ prepared }) => (prepared === undefined ? [] : [prepared])),
  });
}

function isAsWhen(
  approval: Approval,
  now: Pick<Approval, 'dryRunDigest' | 'policySetDigest'> & { readonly at: number },
): boolean {
  return (
    approval.dryRunDigest === now.dryRunDigest &&
    approval.policySetDigest === now.policySetDigest &&
    validGiven(approval, now.at).length >= approval.needed
  );
}
