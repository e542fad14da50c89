import { randomUUID } from 'node:crypto';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll } from '@jest/globals';
import { awsKillSwitch } from '../../../adapters/aws/kill-switch.ts';
import { dynamoStore } from '../../../adapters/aws/store.ts';
import { storeApprovalContract } from '../../contract/store-approval-contract.ts';
import { storeClaimsContract } from '../../contract/store-claims-contract.ts';
import { type OpenedStore, setMode, storeContract } from '../../contract/store-contract.ts';
import { storeDryRunContract } from '../../contract/store-dry-run-contract.ts';
import { storeEvidenceContract } from '../../contract/store-evidence-contract.ts';
import { storeListContract } from '../../contract/store-list-contract.ts';
import { storeWritesContract } from '../../contract/store-writes-contract.ts';
import { clientOptions, type Emulator, startEmulator } from '../emulator/emulator.ts';
import { testTables } from './aws-world.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.stop());

/** Two clients on the same tables, as two Lambdas have them. */
const open = (): OpenedStore => {
  const tables = testTables(emulator);
  const { names } = tables;
  const ssm = new SSMClient(clientOptions(emulator));
  const parameter = `/interlock/${randomUUID()}`;
  const now = () => Date.now();
  const [one, two] = [tables.client(), tables.client()];
  const parts = { ssm, tables: names, parameter, now };
  tables.queue((client) =>
    setMode({ killSwitch: awsKillSwitch({ ...parts, client }) }, 'all', 'running'),
  );
  return {
    store: dynamoStore({ client: one, tables: names }),
    other: dynamoStore({ client: two, tables: names }),
    killSwitch: awsKillSwitch({ ...parts, client: one }),
    close() {
      ssm.destroy();
      tables.close();
    },
  };
};

storeContract('aws', open);
storeApprovalContract('aws', open);
storeClaimsContract('aws', open);
storeWritesContract('aws', open);
storeEvidenceContract('aws', open);
storeListContract('aws', open);
storeDryRunContract('aws', open);
