import { killSwitchRequest } from '../authorization.ts';
import { InvalidInputError } from '../errors.ts';
import { AgentId } from '../plan.ts';
import type { KillMode, KillScope, KillSetting } from '../ports/kill-switch.ts';
import { answerData, denialOf } from './authorize.ts';
import { controlRecord, refusedRecord } from './control.ts';
import { observe } from './observe.ts';
import type { Ports } from './ports.ts';

/** Characters of a reason, at most. */
export const REASON_CHARACTERS_MAX = 500;

/** How a named operator moves the kill switch. */
export interface Halt {
  readonly operator: string;
  readonly scope: KillScope;
  /** `running` releases. */
  readonly mode: KillMode;
  readonly reason: string;
}

/**
 * Moves the kill switch of one scope, durably, with its record. Throws `InvalidInputError` for an
 * unknown scope or an empty reason, `DeniedError` with a record of the refusal.
 */
export async function halt(ports: Ports, wanted: Halt): Promise<KillSetting> {
  const { operator, scope, mode, reason } = wanted;
  requireScope(ports, scope);
  requireReason(reason);
  const observed = observe(ports);
  const action = mode === 'running' ? 'kill-switch:Release' : 'kill-switch:Engage';
  const request = killSwitchRequest({ operator, action, scope });
  const answer = await observed.ports.decisionPoint.decide(request);
  const denial = denialOf(answer);
  const actor = `operator:${operator}`;
  if (denial !== undefined) {
    const subject = { scope, mode, reason };
    const refusal = { actor, call: action, subject, error: denial };
    await ports.store.appendControl(refusedRecord(observed, refusal));
    await ports.store.barrier();
    throw denial;
  }
  const setting: KillSetting = { scope, mode, by: operator, reason, at: ports.clock.now() };
  const data = { scope, mode, reason, decision: answerData(answer) };
  const record = controlRecord(observed, { kind: 'kill-switch', actor, data });
  await ports.killSwitch.set(setting, record);
  return setting;
}

/** Throws `InvalidInputError` (`invalid-reason`) unless there is a reason of a bounded length. */
export function requireReason(reason: string): void {
  const length = reason.trim().length;
  if (length > 0 && length <= REASON_CHARACTERS_MAX) return;
  throw new InvalidInputError(
    'invalid-reason',
    `a reason has 1 to ${REASON_CHARACTERS_MAX} characters, not ${length}`,
  );
}

function requireScope(ports: Pick<Ports, 'actions'>, scope: KillScope): void {
  if (scope === 'all') return;
  const [, kind, id = ''] = /^(agent|action):(.+)$/.exec(scope) ?? [];
  if (kind === 'agent' && AgentId.safeParse(id).success) return;
  if (kind === 'action' && ports.actions.byId(id) !== undefined) return;
  throw new InvalidInputError('invalid-scope', `\`${scope}\` is not a scope`, {
    hint: 'use `all`, `agent:ID` or `action:ID` of a known action',
  });
}
