import { DecisionError } from '../../core/errors.ts';
import type { Decision, Write } from '../../core/ports/store.ts';
import type { Claim } from '../../core/transaction.ts';
import { above, all, type Condition, equals } from './expressions.ts';
import { decisionKey, type Item, json, keyOf, number, partitionOf, text } from './store-items.ts';

export type ClaimWrite = Write & { readonly write: 'claim' };

/** Digits of a `seq` in a sort key. */
const SEQ_DIGITS = 12;

/** The items of a decision: itself, and its entry in the list of the transaction's decisions. */
export function decisionItems(
  transactionId: string,
  decision: Decision,
  seq: number,
): readonly Item[] {
  const position = `${String(seq).padStart(SEQ_DIGITS, '0')}#${decision.id}`;
  return [
    {
      ...decisionKey(decision.id),
      body: json(decision),
      kind: text(decision.kind),
      transactionId: text(decision.transactionId),
      stepIndex: number(decision.stepIndex),
      attempt: number(decision.attempt),
      epoch: number(decision.epoch),
      planDigest: text(decision.planDigest),
      inputDigest: text(decision.inputDigest),
      beforeDigest: text(decision.beforeDigest),
      expiresAt: number(decision.expiresAt),
    },
    { ...keyOf(partitionOf(transactionId), position), decisionId: text(decision.id) },
  ];
}

/** Holds for a decision that `requireUsable` accepts. */
export function isUsable({ claim, now, expected }: Required<ClaimWrite>): Condition {
  return all(
    equals('kind', text('apply')),
    equals('transactionId', text(claim.transactionId)),
    equals('stepIndex', number(claim.stepIndex)),
    equals('attempt', number(claim.attempt)),
    equals('epoch', number(claim.epoch)),
    above('expiresAt', number(now)),
    equals('planDigest', text(expected.planDigest)),
    equals('inputDigest', text(expected.inputDigest)),
    equals('beforeDigest', text(expected.beforeDigest)),
    equals('beforeDigest', text(claim.beforeDigest)),
  );
}

/** Holds for a decision that `requireConsumed` accepts. */
export function isOf({ transactionId, stepIndex, beforeDigest }: Claim): Condition {
  return all(
    equals('transactionId', text(transactionId)),
    equals('stepIndex', number(stepIndex)),
    equals('beforeDigest', text(beforeDigest)),
  );
}

/** Throws the `DecisionError` that says why an effect may not consume the decision. */
export function requireUsable(decision: Decision, isUsed: boolean, write: ClaimWrite): void {
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
    decision.planDigest === expected?.planDigest &&
    decision.inputDigest === expected.inputDigest &&
    decision.beforeDigest === expected.beforeDigest &&
    decision.beforeDigest === claim.beforeDigest;
  if (!isSame)
    throw new DecisionError(
      'decision-mismatch',
      'the decision was made for another input or state',
    );
}

/** Throws the `DecisionError` that says why a compensation may not rest on the decision. */
export function requireConsumed(decision: Decision, isUsed: boolean, claim: Claim): void {
  if (!isUsed) throw new DecisionError('decision-unused', 'no effect has used the decision');
  const { transactionId, stepIndex, beforeDigest } = decision;
  if (transactionId !== claim.transactionId || stepIndex !== claim.stepIndex)
    throw new DecisionError('decision-foreign', 'the decision is about another step');
  if (beforeDigest !== claim.beforeDigest)
    throw new DecisionError('decision-mismatch', 'the decision was made for another state');
}

/** The error of a decision that is not there. */
export function unknownDecision(): DecisionError {
  return new DecisionError('decision-unknown', 'there is no such decision');
}
