import { loadPolicies } from '../../adapters/cedar/load.ts';
import { hostClock } from '../../adapters/embedded/clock.ts';
import { timedIds } from '../../adapters/embedded/ids.ts';
import type { StoredToken, Tokens } from '../../adapters/embedded/tokens.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { AgentId } from '../../core/plan.ts';
import { type ControlRecord, recordOfFact } from '../../core/tasks/control.ts';
import { actorOf, type Caller } from '../../core/tasks/operate.ts';
import { operatorName, POLICIES_FOLDER } from '../open.ts';

/** A new token; its text is shown once. */
export interface NewToken {
  readonly stored: StoredToken;
  readonly text: string;
}

/** Makes a token for an agent of `agents.json`, or an operator. Throws `InvalidInputError`
 * (`unknown-agent`, `invalid-operator`). */
export async function createToken(
  tokens: Tokens,
  wanted: { readonly caller: Caller; readonly lifeMs?: number },
): Promise<NewToken> {
  const { caller, lifeMs } = wanted;
  requireKnown(caller);
  const now = hostClock.now();
  const stored: StoredToken = {
    id: timedIds(() => now).next('token'),
    caller,
    createdAt: now,
    createdBy: operatorName(),
    ...(lifeMs === undefined ? {} : { expiresAt: now + lifeMs }),
  };
  const expires = lifeMs === undefined ? {} : { expiresAt: new Date(now + lifeMs).toISOString() };
  const data = { tokenId: stored.id, principal: actorOf(caller), ...expires };
  return { stored, text: await tokens.create(stored, recordOf('token-created', now, data)) };
}

/** Ends a token. Throws what `Tokens.revoke` throws. */
export function revokeToken(tokens: Tokens, id: string): Promise<StoredToken> {
  const now = hostClock.now();
  return tokens.revoke(id, now, recordOf('token-revoked', now, { tokenId: id }));
}

function requireKnown({ type, id }: Caller): void {
  if (type === 'Operator') {
    if (AgentId.safeParse(id).success) return;
    throw new InvalidInputError(
      'invalid-operator',
      'an operator has 2 to 64 of A-Z a-z 0-9 _ . @ -',
    );
  }
  const { agents } = loadPolicies(POLICIES_FOLDER);
  if (agents.includes(id)) return;
  throw new InvalidInputError('unknown-agent', `\`${id.slice(0, 64)}\` is not in agents.json`, {
    hint: `known: ${agents.join(', ')}`,
  });
}

function recordOf(
  kind: 'token-created' | 'token-revoked',
  now: number,
  data: ControlRecord['data'],
): ControlRecord {
  const actor = actorOf({ type: 'Operator', id: operatorName() });
  return recordOfFact({ kind, actor, data }, now);
}
