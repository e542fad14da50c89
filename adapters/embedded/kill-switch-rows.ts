import type { DatabaseSync } from 'node:sqlite';
import {
  KILL_MODES,
  type KillMode,
  type KillScope,
  stricter,
} from '../../core/ports/kill-switch.ts';

/**
 * Reads the effective mode over `all` and some scopes. Absent for `all`, or not a mode, is `halt`.
 */
export function killModeReader(database: DatabaseSync): (scopes: readonly KillScope[]) => KillMode {
  const find = database.prepare('SELECT mode FROM kill_switch WHERE scope = ?');
  const modeOf = (scope: KillScope, absent: KillMode): KillMode => {
    const row = find.get(scope);
    if (row === undefined) return absent;
    return KILL_MODES.find((mode) => mode === row['mode']) ?? 'halt';
  };
  return (scopes) =>
    scopes.map((scope) => modeOf(scope, 'running')).reduce(stricter, modeOf('all', 'halt'));
}
