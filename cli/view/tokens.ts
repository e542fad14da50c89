import type { StoredToken } from '../../adapters/embedded/tokens.ts';
import type { TokenShape } from '../json-shapes.ts';

/** A token as lists show it; never its secret. */
export function tokenView(token: StoredToken): TokenShape {
  const { id, caller, createdAt, createdBy, expiresAt, revokedAt } = token;
  return {
    id,
    principal: caller.type === 'Agent' ? `agent:${caller.id}` : `operator:${caller.id}`,
    createdAt: iso(createdAt),
    createdBy,
    ...(expiresAt === undefined ? {} : { expiresAt: iso(expiresAt) }),
    ...(revokedAt === undefined ? {} : { revokedAt: iso(revokedAt) }),
  };
}

/** A token as one line. */
export function tokenLine({ id, principal, createdAt, expiresAt, revokedAt }: TokenShape): string {
  const end = revokedAt === undefined ? `expires ${expiresAt ?? 'never'}` : `revoked ${revokedAt}`;
  return `${id}  ${principal}  created ${createdAt}  ${end}`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
