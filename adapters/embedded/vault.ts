import { DecisionError, InvariantError, StaleStateError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/hash.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Actions } from '../../core/ports/actions.ts';
import type { Cloud } from '../../core/ports/cloud.ts';
import type { Store } from '../../core/ports/store.ts';
import type { SessionRequest, Vault } from '../../core/ports/vault.ts';
import { sessionPolicyText } from '../../core/session-policy.ts';
import type { Transaction } from '../../core/transaction.ts';

/** Opens a session on the target that may do only what the policy text says. */
export type OpenSession = (session: {
  readonly sessionPolicy: string;
  /** Names the session in the target's own log. */
  readonly principal: string;
}) => Cloud;

/** What preflight may read to find a plan's targets: the only session with a wildcard. */
const LOCATE_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['iam:Get*', 'iam:List*'], Resource: '*' }],
});

/** The vault of one machine: derives every session from the stored transaction. */
export function embeddedVault(parts: {
  readonly store: Pick<Store, 'load' | 'claims'>;
  readonly actions: Pick<Actions, 'byId'>;
  readonly openSession: OpenSession;
}): Vault {
  const { store, actions, openSession } = parts;
  const current = async ({ transactionId, epoch }: SessionRequest): Promise<Transaction> => {
    const transaction = await store.load(transactionId);
    if (transaction?.epoch === epoch) return transaction;
    throw new StaleStateError(`epoch ${epoch} of \`${transactionId}\` is over`);
  };
  return {
    async locate(request) {
      const transaction = await current(request);
      if (transaction.cursor.phase !== 'preflight')
        throw new StaleStateError(`\`${transaction.id}\` is past preflight`);
      const principal = principalOf(transaction, 'locate');
      return openSession({ sessionPolicy: LOCATE_POLICY, principal });
    },
    async read(request) {
      const transaction = await current(request);
      const { read } = permissionsOf(actions, transaction, request.stepIndex);
      const principal = principalOf(transaction, 'read');
      return openSession({ sessionPolicy: sessionPolicyText(read), principal });
    },
    async effect({ attemptId, ...request }) {
      const transaction = await current(request);
      const claims = await store.claims(transaction.id);
      const claim = claims.find((one) => one.attemptId === attemptId);
      if (claim?.stepIndex !== request.stepIndex)
        throw new DecisionError('claim-unknown', 'there is no such claim');
      if (claim.epoch !== transaction.epoch)
        throw new DecisionError('claim-stale', 'the claim is of another epoch');
      if (claim.policyDigest !== undefined || claim.answer !== undefined)
        throw new DecisionError('claim-vended', 'the claim has had its session');
      const permissions = permissionsOf(actions, transaction, claim.stepIndex);
      const sessionPolicy = sessionPolicyText(permissions[claim.kind], claim.effectDeadline);
      return {
        cloud: openSession({ sessionPolicy, principal: principalOf(transaction, attemptId) }),
        policyDigest: sha256Hex(sessionPolicy),
      };
    },
  };
}

// As STS has it: SourceIdentity is the agent, the session is named after what it is for.
function principalOf(transaction: Transaction, purpose: string): string {
  return `${transaction.agent}/${transaction.id}/${purpose}`;
}

function permissionsOf(
  actions: Pick<Actions, 'byId'>,
  transaction: Transaction,
  stepIndex: number,
) {
  const step = transaction.plan.steps[stepIndex];
  const target = transaction.targets?.[stepIndex];
  const action = step === undefined ? undefined : actions.byId(step.action);
  if (step === undefined || target === undefined || action === undefined)
    throw new InvariantError(`step ${stepIndex} of \`${transaction.id}\` was not located`);
  return action.permissions(target, step.input as JsonObject);
}
