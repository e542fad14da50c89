import type { DatabaseSync } from 'node:sqlite';
import type { KillMode, KillSetting, KillSwitch } from '../../core/ports/kill-switch.ts';
import type { Barrier } from './barrier.ts';
import { killModeReader } from './kill-switch-rows.ts';
import { inTransaction } from './sqlite.ts';
import { controlAppender } from './store.ts';

/** The kill switch as rows of the store: every process that opens the store sees it at once. */
export function embeddedKillSwitch(database: DatabaseSync, barrier: Barrier): KillSwitch {
  const effective = killModeReader(database);
  const put = database.prepare(
    'INSERT OR REPLACE INTO kill_switch (scope, mode, by_whom, reason, at) VALUES (?, ?, ?, ?, ?)',
  );
  const append = controlAppender(database);
  const all = database.prepare('SELECT * FROM kill_switch ORDER BY scope');
  return {
    async effective(scopes) {
      try {
        return effective(scopes);
      } catch {
        // Unreadable is halted: nobody has said that it may run.
        return 'halt';
      }
    },
    async settings() {
      return all.all().map(
        (row): KillSetting => ({
          scope: row['scope'] as string,
          mode: row['mode'] as KillMode,
          by: row['by_whom'] as string,
          reason: row['reason'] as string,
          at: row['at'] as number,
        }),
      );
    },
    async set({ scope, mode, by, reason, at }, record) {
      inTransaction(database, () => {
        put.run(scope, mode, by, reason, at);
        append(record);
      });
      await barrier.wait();
    },
  };
}
