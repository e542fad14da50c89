import { dryRunValue } from './evidence/dry-run.ts';
import { digestOf } from './hash.ts';
import type { Approval, Transaction } from './transaction.ts';

/** How long an approval holds unless a deployment says otherwise. */
export const APPROVAL_MS = 24 * 60 * 60 * 1000;

/** The digest of what preflight saw and predicted. */
export function dryRunDigestOf({
  targets = [],
  prepared = [],
}: Pick<Transaction, 'targets' | 'prepared'>): string {
  return digestOf(dryRunValue(prepared.map((one, index) => ({ target: targets[index], ...one }))));
}

/**
 * The approvals that count for a transaction under a policy set. INVARIANT: none before all that
 * are needed were given, and none under policies other than those that asked for them.
 */
export function approvalsUnder(
  { approval }: Pick<Transaction, 'approval'>,
  policySetDigest: string,
): number {
  const isGranted = approval?.grantedAt !== undefined;
  return isGranted && approval.policySetDigest === policySetDigest ? approval.given.length : 0;
}

/** The approvals that have not expired at `now`, epoch milliseconds. */
export function validGiven({ given }: Approval, now: number): Approval['given'] {
  return given.filter((one) => now < one.expiresAt);
}
