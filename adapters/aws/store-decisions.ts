import type { ClaimWrite } from '../../core/consuming.ts';
import type { Decision } from '../../core/ports/store.ts';
import type { Claim } from '../../core/transaction.ts';
import { above, all, type Condition, equals } from './expressions.ts';
import { decisionKey, type Item, json, keyOf, number, partitionOf, text } from './store-items.ts';

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

/** Holds for a decision that `requireClaimable` accepts for an effect. */
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

/** Holds for a decision that `requireClaimable` accepts for a compensation. */
export function isOf({ transactionId, stepIndex, beforeDigest }: Claim): Condition {
  return all(
    equals('transactionId', text(transactionId)),
    equals('stepIndex', number(stepIndex)),
    equals('beforeDigest', text(beforeDigest)),
  );
}
