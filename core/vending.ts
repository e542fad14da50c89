import type { Permissions } from './action.ts';
import { DecisionError, InvariantError, StaleStateError } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { Actions } from './ports/actions.ts';
import type { Store } from './ports/store.ts';
import type { SessionRequest } from './ports/vault.ts';
import { sessionPolicyText } from './session-policy.ts';
import { claimVended, epochOver } from './store-refusals.ts';
import type { Claim, Transaction } from './transaction.ts';

/** The session that a task wants of a vault. */
export type SessionWish = SessionRequest &
  (
    | { readonly session: 'locate' | 'read' }
    | { readonly session: 'effect'; readonly attemptId: string }
  );

/** What a vault may open for a wish. */
export interface SessionGrant {
  readonly transaction: Transaction;
  /** The text of the session policy. */
  readonly sessionPolicy: string;
  /** Names the session: `locate`, `read`, or kind and number of the attempt, as `apply.1`. */
  readonly purpose: string;
}

/** What a grant is derived from. */
export interface GrantingParts {
  readonly store: Pick<Store, 'load' | 'claims'>;
  readonly actions: Pick<Actions, 'byId'>;
  /** All that preflight may call to find targets: the only session without a fixed ARN. */
  readonly locateActions: readonly string[];
}

/**
 * The one judgement of which session a task gets, from the *stored* transaction; a wish only names
 * it. Throws what the port `Vault` says, `InvariantError` for a step that was not located.
 */
export async function grantSession(parts: GrantingParts, wish: SessionWish): Promise<SessionGrant> {
  const transaction = await currentOf(parts, wish);
  switch (wish.session) {
    case 'locate': {
      if (transaction.cursor.phase !== 'preflight')
        throw new StaleStateError(`\`${transaction.id}\` is past preflight`);
      const statement = { actions: parts.locateActions, resources: ['*'] };
      return { transaction, sessionPolicy: sessionPolicyText([statement]), purpose: 'locate' };
    }
    case 'read': {
      const { read } = permissionsOf(parts, transaction, wish.stepIndex);
      return { transaction, sessionPolicy: sessionPolicyText(read), purpose: 'read' };
    }
    case 'effect': {
      const { stepIndex, kind, attempt, effectDeadline } = await claimOf(parts, transaction, wish);
      const permissions = permissionsOf(parts, transaction, stepIndex);
      const sessionPolicy = sessionPolicyText(permissions[kind], effectDeadline);
      return { transaction, sessionPolicy, purpose: `${kind}.${attempt}` };
    }
  }
}

async function currentOf(
  { store }: GrantingParts,
  { transactionId, epoch }: SessionRequest,
): Promise<Transaction> {
  const transaction = await store.load(transactionId);
  if (transaction?.epoch === epoch) return transaction;
  throw epochOver(transactionId, epoch);
}

/** The claim that an effect is made under: of this step and epoch, and without a session yet. */
async function claimOf(
  { store }: GrantingParts,
  transaction: Transaction,
  { stepIndex, attemptId }: { readonly stepIndex: number; readonly attemptId: string },
): Promise<Claim> {
  const claims = await store.claims(transaction.id);
  const claim = claims.find((one) => one.attemptId === attemptId);
  if (claim?.stepIndex !== stepIndex)
    throw new DecisionError('claim-unknown', 'there is no such claim');
  if (claim.epoch !== transaction.epoch)
    throw new DecisionError('claim-stale', 'the claim is of another epoch');
  if (claim.policyDigest !== undefined || claim.answer !== undefined) throw claimVended();
  return claim;
}

function permissionsOf(
  { actions }: GrantingParts,
  transaction: Transaction,
  stepIndex: number,
): Permissions {
  const step = transaction.plan.steps[stepIndex];
  const target = transaction.targets?.[stepIndex];
  const action = step === undefined ? undefined : actions.byId(step.action);
  if (step === undefined || target === undefined || action === undefined)
    throw new InvariantError(`step ${stepIndex} of \`${transaction.id}\` was not located`);
  return action.permissions(target, step.input as JsonObject);
}
