import { openBarrier } from '../../adapters/embedded/barrier.ts';
import { initialiseKillSwitch } from '../../adapters/embedded/data-folder.ts';
import { embeddedKillSwitch } from '../../adapters/embedded/kill-switch.ts';
import { embeddedStore } from '../../adapters/embedded/store.ts';
import { openStoreDatabase } from '../../adapters/embedded/store-schema.ts';
import { makeTestFiles } from '../integration/support/store-dump.ts';
import { killSwitchContract, type OpenedKillSwitch } from './kill-switch-contract.ts';
import { NOW_MS } from './store-samples.ts';

const openAt = (path: string) => {
  const database = openStoreDatabase(path);
  const barrier = openBarrier(path);
  initialiseKillSwitch(database, { by: 'ops', at: NOW_MS });
  const close = () => {
    barrier.close();
    database.close();
  };
  return { database, barrier, close };
};

const onFile = (): OpenedKillSwitch => {
  const files = makeTestFiles();
  const [one, two] = [openAt(files.storePath), openAt(files.storePath)];
  const run = (sql: string, ...values: readonly string[]) =>
    one.database.prepare(sql).run(...values);
  return {
    killSwitch: embeddedKillSwitch(one.database, one.barrier),
    other: embeddedKillSwitch(two.database, two.barrier),
    store: embeddedStore(one.database, one.barrier),
    forget: (scope) => run('DELETE FROM kill_switch WHERE scope = ?', scope),
    garble: (scope) => run("UPDATE kill_switch SET mode = 'Running' WHERE scope = ?", scope),
    destroy: () => run('DROP TABLE kill_switch'),
    close() {
      two.close();
      one.close();
      files.remove();
    },
  };
};

killSwitchContract('embedded, two on one file', onFile);
