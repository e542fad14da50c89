import { DecisionError } from './errors.ts';
import type { Decision, Write } from './ports/store.ts';
import type { Claim } from './transaction.ts';

/** The part of a change that claims an attempt. */
export type ClaimWrite = Write & { readonly write: 'claim' };

/**
 * The one judgement of whether a claim may be made on a decision: an effect consumes it, a
 * compensation rests on the decision of the effect that it takes back. Throws the `DecisionError`
 * that says why not, and returns the decision. `isUsed` means that an effect has consumed it.
 */
export function requireClaimable(
  decision: Decision | undefined,
  isUsed: boolean,
  write: ClaimWrite,
): Decision {
  if (decision === undefined)
    throw new DecisionError('decision-unknown', 'there is no such decision');
  if (write.claim.kind === 'apply') requireUsable(decision, isUsed, write);
  else requireConsumed(decision, isUsed, write.claim);
  return decision;
}

function requireUsable(decision: Decision, isUsed: boolean, write: ClaimWrite): void {
  const { claim, now, expected } = write;
  if (isUsed) throw new DecisionError('decision-used', 'the decision has been used');
  if (decision.kind !== 'apply') throw new DecisionError('decision-kind', 'not an apply decision');
  const isAbout =
    decision.transactionId === claim.transactionId &&
    decision.stepIndex === claim.stepIndex &&
    decision.attempt === claim.attempt;
  if (!isAbout) throw new DecisionError('decision-foreign', 'the decision is about another step');
  if (decision.epoch !== claim.epoch)
    throw new DecisionError('decision-stale', 'the decision is of another epoch');
  if (decision.expiresAt <= now)
    throw new DecisionError('decision-expired', 'the decision expired');
  const isSame =
    expected !== undefined &&
    decision.planDigest === expected.planDigest &&
    decision.inputDigest === expected.inputDigest &&
    decision.beforeDigest === expected.beforeDigest &&
    decision.beforeDigest === claim.beforeDigest;
  if (!isSame)
    throw new DecisionError(
      'decision-mismatch',
      'the decision was made for another input or state',
    );
}

function requireConsumed(decision: Decision, isUsed: boolean, claim: Claim): void {
  if (!isUsed) throw new DecisionError('decision-unused', 'no effect has used the decision');
  const { transactionId, stepIndex, beforeDigest } = decision;
  if (transactionId !== claim.transactionId || stepIndex !== claim.stepIndex)
    throw new DecisionError('decision-foreign', 'the decision is about another step');
  if (beforeDigest !== claim.beforeDigest)
    throw new DecisionError('decision-mismatch', 'the decision was made for another state');
}
