import type { z } from 'zod';
import type { KillSetting, KillSwitch } from '../../core/ports/kill-switch.ts';
import type { KillStatus } from '../json-shapes.ts';
import type { Colors } from '../output.ts';
import { oneLine } from './summary.ts';

type Status = z.infer<typeof KillStatus>;

/** What stands when nobody has said that agents may run. */
const ABSENT: KillSetting = {
  scope: 'all',
  mode: 'halt',
  by: 'interlock',
  reason: 'the switch is missing or cannot be read, which means halted',
  at: 0,
};

/** The kill switch: the mode that holds for everybody, and every setting. */
export async function killStatusOf(killSwitch: KillSwitch): Promise<Status> {
  const settings = await killSwitch.settings().catch(() => []);
  const effective = await killSwitch.effective([]);
  const all = settings.find(({ scope, mode }) => scope === 'all' && mode === effective) ?? ABSENT;
  const { by, reason, at } = shown(all);
  return { effective, scopes: settings.map(shown), by, reason, at };
}

/** The kill switch for a person. */
export function killStatusText(status: Status, colors: Colors): string {
  const lines = status.scopes.map(({ scope, mode, by, reason, at }) =>
    [scope, modeText(mode, colors), `by ${by}`, at, oneLine(reason)].join('  '),
  );
  return [`effective for all: ${modeText(status.effective, colors)}`, ...lines].join('\n');
}

function modeText(mode: Status['effective'], colors: Colors): string {
  return mode === 'running' ? colors.green(mode) : colors.red(mode);
}

function shown(setting: KillSetting): Status['scopes'][number] {
  return { ...setting, at: new Date(setting.at).toISOString() };
}
