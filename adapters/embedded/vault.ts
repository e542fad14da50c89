import { LOCATE_ACTIONS } from '../../actions/iam/locate.ts';
import { sha256Hex } from '../../core/hash.ts';
import type { Cloud } from '../../core/ports/cloud.ts';
import type { Vault } from '../../core/ports/vault.ts';
import { type GrantingParts, grantSession, type SessionWish } from '../../core/vending.ts';

/** Opens a session on the target that may do only what the policy text says. */
export type OpenSession = (session: {
  readonly sessionPolicy: string;
  /** Names the session in the target's own log. */
  readonly principal: string;
}) => Cloud;

/** The vault of one machine: derives every session from the stored transaction. */
export function embeddedVault({
  openSession,
  ...granting
}: Omit<GrantingParts, 'locateActions'> & { readonly openSession: OpenSession }): Vault {
  const parts: GrantingParts = { ...granting, locateActions: LOCATE_ACTIONS };
  const open = async (wish: SessionWish) => {
    const { transaction, sessionPolicy } = await grantSession(parts, wish);
    // As STS has it: SourceIdentity is the agent, the session is named after what it is for.
    const purpose = wish.session === 'effect' ? wish.attemptId : wish.session;
    const principal = `${transaction.agent}/${transaction.id}/${purpose}`;
    return { cloud: openSession({ sessionPolicy, principal }), sessionPolicy };
  };
  return {
    locate: async (request) => (await open({ ...request, session: 'locate' })).cloud,
    read: async (request) => (await open({ ...request, session: 'read' })).cloud,
    async effect(request) {
      const { cloud, sessionPolicy } = await open({ ...request, session: 'effect' });
      return { cloud, policyDigest: sha256Hex(sessionPolicy) };
    },
  };
}
