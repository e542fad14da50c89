import type { KillSetting, KillSwitch } from '../../core/ports/kill-switch.ts';
import type { KillStatus } from '../shapes.ts';

/** What stands when nobody has said that agents may run. */
const ABSENT: KillSetting = {
  scope: 'all',
  mode: 'halt',
  by: 'interlock',
  reason: 'the switch is missing or cannot be read, which means halted',
  at: 0,
};

/** The kill switch: the mode that holds for everybody, and every setting. */
export async function killStatusOf(killSwitch: KillSwitch): Promise<KillStatus> {
  const settings = await killSwitch.settings().catch(() => []);
  const effective = await killSwitch.effective([]);
  const all = settings.find(({ scope, mode }) => scope === 'all' && mode === effective) ?? ABSENT;
  const { by, reason, at } = shown(all);
  return { effective, scopes: settings.map(shown), by, reason, at };
}

function shown(setting: KillSetting): KillStatus['scopes'][number] {
  return { ...setting, at: new Date(setting.at).toISOString() };
}
