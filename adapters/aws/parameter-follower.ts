import type { KillScope, KillSetting, KillSwitch } from '../../core/ports/kill-switch.ts';
import { type ControlRecord, recordOfFact } from '../../core/tasks/control.ts';
import { appendControl } from './control-stream.ts';
import { fenceParts, isStricter, modeOfScope, versionOf } from './fence-move.ts';
import {
  cachedParameter,
  type KillSwitchParts,
  killSwitchOf,
  OPERATORS,
  OUT_OF_BAND,
} from './kill-switch.ts';
import { type ParameterState, readParameter } from './kill-switch-parameter.ts';
import { fenceCopyOf, fenceKey } from './store-items.ts';
import { tableReader } from './store-reads.ts';
import { transact } from './store-transact.ts';

/**
 * The kill switch for those who decide: what the parameter has engaged out of band, `all` or one
 * of the scopes asked for, moves the fence at once, with its record, before they are told.
 */
export function fencingKillSwitch(parts: KillSwitchParts): KillSwitch {
  const parameterState = cachedParameter(parts);
  // Both look at one cache: a container reads the parameter at most once a second.
  const killSwitch = killSwitchOf(parts, parameterState);
  return {
    ...killSwitch,
    async effective(scopes) {
      // Whoever released it meanwhile, or cannot be reached: the answer below says what holds.
      await follow(parts, parameterState, scopes).catch(() => undefined);
      return killSwitch.effective(scopes);
    },
  };
}

/**
 * Moves the fence to whatever the parameter has engaged, for every scope that it names, each move
 * with its record; it releases nothing. Safe to repeat. Throws when the parameter cannot be read,
 * `TransientError` (`kill-switch-busy`) when somebody else moves the kill switch.
 */
export async function followParameter(parts: KillSwitchParts): Promise<readonly KillSetting[]> {
  const state = await readParameter(parts.ssm, parts.parameter);
  return follow(parts, async () => state, [...state.modes.keys()]);
}

async function follow(
  { client, tables, now }: KillSwitchParts,
  parameterState: (leastVersion: number) => Promise<ParameterState>,
  scopes: readonly KillScope[],
): Promise<readonly KillSetting[]> {
  const transactions = tableReader(client, tables.transactions);
  const evidence = tableReader(client, tables.evidence);
  const moved: KillSetting[] = [];
  const fence = await transactions.get(fenceKey(fenceCopyOf(scopes.join())));
  let since = versionOf(fence);
  const { version, modes } = await parameterState(since);
  for (const scope of new Set(['all', ...scopes])) {
    const mode = modes.get(scope) ?? 'running';
    if (!isStricter(mode, modeOfScope(fence, scope))) continue;
    const setting = { scope, mode, by: OPERATORS, reason: OUT_OF_BAND, at: now() };
    const move = { setting, follows: { version, since } };
    await appendControl({ tables, evidence }, followRecord(setting), (recorded) =>
      transact(client, [...fenceParts(tables, move), ...recorded]),
    );
    since = version;
    moved.push(setting);
  }
  return moved;
}

function followRecord({ scope, mode, reason, at }: KillSetting): ControlRecord {
  const data = { scope, mode, reason };
  return recordOfFact({ kind: 'kill-switch', actor: 'control-plane', data }, at);
}
