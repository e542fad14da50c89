import { z } from 'zod';
import { AgentId } from '../../core/plan.ts';
import type { Caller } from '../../core/tasks/operate.ts';
import type { AgentRole } from '../cedar/load.ts';

/** What the placeholders of `agents.json` stand for in one deployment. */
export interface Deployment {
  readonly account: string;
  readonly stage: string;
}

const SESSION = /^arn:aws[a-z-]*:sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/[\w+=,.@-]+$/;

/**
 * The agent that a session is: by account and name of its role, which are unique together, and
 * never by the name of the session, which its caller chooses. Undefined for any other principal.
 */
export function agentOfSession(
  userArn: string | undefined,
  agentRoles: readonly AgentRole[],
  { account, stage }: Deployment,
): Caller | undefined {
  const [, sessionAccount, roleName] = SESSION.exec(userArn ?? '') ?? [];
  if (sessionAccount === undefined || roleName === undefined) return undefined;
  const found = agentRoles.find(({ role }) => {
    const arn = role.replaceAll('{account}', account).replaceAll('{stage}', stage);
    return arn.split(':')[4] === sessionAccount && arn.split('/').at(-1) === roleName;
  });
  return found === undefined ? undefined : { type: 'Agent', id: found.agent };
}

/** Who is in this group of the user pool is an operator. */
export const OPERATORS_GROUP = 'interlock-operators';

const Claims = z.object({ 'cognito:username': AgentId, 'cognito:groups': z.string().max(4096) });

/** The operator that the claims of a checked token name; undefined outside of their group. */
export function operatorOfClaims(claims: unknown): Caller | undefined {
  const parsed = Claims.safeParse(claims);
  if (!parsed.success) return undefined;
  // API Gateway writes a list as `a,b` or `[a b]`.
  const groups = parsed.data['cognito:groups'].split(/[\s,[\]]+/);
  if (!groups.includes(OPERATORS_GROUP)) return undefined;
  return { type: 'Operator', id: parsed.data['cognito:username'] };
}
