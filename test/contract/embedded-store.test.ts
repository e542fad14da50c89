import { memoryCheckpoints } from '../../adapters/embedded/checkpoints.ts';
import { type ControlPlane, openControlPlane } from '../../adapters/embedded/control-plane.ts';
import { memorySigner } from '../integration/support/memory-signer.ts';
import { shippedPolicies } from '../integration/support/policies.ts';
import { makeTestFiles } from '../integration/support/store-dump.ts';
import { logStoreContract, type OpenedLog } from './log-store-contract.ts';
import { storeApprovalContract } from './store-approval-contract.ts';
import { storeClaimsContract } from './store-claims-contract.ts';
import { type OpenedStore, storeContract } from './store-contract.ts';
import { storeDryRunContract } from './store-dry-run-contract.ts';
import { storeEvidenceContract } from './store-evidence-contract.ts';
import { storeListContract } from './store-list-contract.ts';
import { storeWritesContract } from './store-writes-contract.ts';

const openAt = (storePath: string) =>
  openControlPlane({
    storePath,
    accountPath: ':memory:',
    signer: memorySigner(),
    decisionPoint: shippedPolicies(),
    operator: 'ops',
    log: { signer: memorySigner(), checkpoints: memoryCheckpoints() },
  });

const inMemory = (): OpenedStore => {
  const { ports, close } = openAt(':memory:');
  return { store: ports.store, other: ports.store, killSwitch: ports.killSwitch, close };
};

const onFile = (): OpenedStore => {
  const files = makeTestFiles();
  const [one, two] = [openAt(files.storePath), openAt(files.storePath)];
  return {
    store: one.ports.store,
    other: two.ports.store,
    killSwitch: one.ports.killSwitch,
    close() {
      two.close();
      one.close();
      files.remove();
    },
  };
};

/** The log of opened control planes; one of them alone is its own other. */
function openLogOf(one: ControlPlane, two: ControlPlane, close: () => void): OpenedLog {
  const partsOf = ({ ports: { store }, log }: ControlPlane) => {
    if (log === undefined) throw new Error('opened without a log');
    return { store, log: log.store, control: log.control };
  };
  return { ...partsOf(one), other: partsOf(two), close };
}

logStoreContract('embedded, in memory', () => {
  const one = openAt(':memory:');
  return openLogOf(one, one, () => one.close());
});
logStoreContract('embedded, two on one file', () => {
  const files = makeTestFiles();
  const [one, two] = [openAt(files.storePath), openAt(files.storePath)];
  return openLogOf(one, two, () => {
    two.close();
    one.close();
    files.remove();
  });
});

for (const [name, open] of [
  ['embedded, in memory', inMemory],
  ['embedded, two on one file', onFile],
] as const) {
  storeContract(name, open);
  storeApprovalContract(name, open);
  storeClaimsContract(name, open);
  storeWritesContract(name, open);
  storeEvidenceContract(name, open);
  storeListContract(name, open);
  storeDryRunContract(name, open);
}
