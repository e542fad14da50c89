import type { KillStatus } from '../../api/shapes.ts';
import type { Colors } from '../output.ts';
import { oneLine } from './summary.ts';

export { killStatusOf } from '../../api/view/kill-status.ts';

/** The kill switch for a person. */
export function killStatusText(status: KillStatus, colors: Colors): string {
  const lines = status.scopes.map(({ scope, mode, by, reason, at }) =>
    [scope, modeText(mode, colors), `by ${by}`, at, oneLine(reason)].join('  '),
  );
  return [`effective for all: ${modeText(status.effective, colors)}`, ...lines].join('\n');
}

function modeText(mode: KillStatus['effective'], colors: Colors): string {
  return mode === 'running' ? colors.green(mode) : colors.red(mode);
}
