import { dryRunDigestOf, validGiven } from '../approval.ts';
import { DeniedError } from '../errors.ts';
import { planDigest } from '../plan.ts';
import type { Approval, PreparedStep } from '../transaction.ts';
import type { TaskContext } from './context.ts';
import type { Prediction } from './predict.ts';

/** What a dry run waits for, before anybody has approved. */
export function approvalFor(context: TaskContext, predictions: readonly Prediction[]): Approval {
  const { transaction, ports } = context;
  return {
    planDigest: transaction.planDigest,
    dryRunDigest: digestOfRun(context, predictions),
    policySetDigest: ports.decisionPoint.policySetDigest,
    needed: Math.max(...predictions.map(({ answer }) => answer.approvalsNeeded ?? 0)),
    given: [],
  };
}

/** Why what was approved may not run any more, whatever is found of its target; or undefined. */
export function approvalOver(
  { ports, transaction }: TaskContext,
  now: number,
): DeniedError | undefined {
  const { approval, plan } = transaction;
  if (approval === undefined) return undefined;
  if (approval.planDigest !== planDigest(plan))
    return new DeniedError('approval-mismatch', 'the plan is not the one that was approved');
  if (approval.policySetDigest !== ports.decisionPoint.policySetDigest)
    return new DeniedError('approval-policy-changed', 'the policies changed since the approval');
  if (validGiven(approval, now).length < approval.needed)
    return new DeniedError('approval-expired', 'the approval had expired before the run began');
  return undefined;
}

/** That the repeated dry run is not the approved one; or undefined. */
export function driftedFrom(
  context: TaskContext,
  predictions: readonly Prediction[],
): DeniedError | undefined {
  const { approval } = context.transaction;
  if (approval === undefined || approval.dryRunDigest === digestOfRun(context, predictions))
    return undefined;
  return new DeniedError('approval-drifted', 'the target is not as it was when approved');
}

function digestOfRun({ transaction }: TaskContext, predictions: readonly Prediction[]): string {
  const prepared: readonly PreparedStep[] = predictions.map((one) => one.prepared);
  return dryRunDigestOf({ ...transaction, prepared });
}
