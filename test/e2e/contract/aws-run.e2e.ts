import { randomUUID } from 'node:crypto';
import { TransactWriteItemsCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { fencingKillSwitch } from '../../../adapters/aws/parameter-follower.ts';
import { dynamoStore } from '../../../adapters/aws/store.ts';
import { embeddedVault } from '../../../adapters/embedded/vault.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import { setMode } from '../../contract/store-contract.ts';
import { ACTION_CASES } from '../../integration/support/action-cases.ts';
import { openTestWorld, type TestWorld } from '../../integration/support/world.ts';
import { clientOptions, type Emulator, startEmulator } from '../emulator/emulator.ts';
import { testTables } from './aws-world.ts';

/** What a transaction of five steps may cost. */
const WRITES_MAX = 30;
const ITEMS_MAX = 130;

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.stop());

it('runs five steps of the engine on DynamoDB within the budget of writes', async () => {
  const tables = testTables(emulator);
  const client = tables.client();
  const counts = { transactions: 0, items: 0, single: 0, reads: 0 };
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (input) => {
        if (commandName === TransactWriteItemsCommand.name) {
          const { TransactItems } = input.input as { TransactItems: readonly unknown[] };
          counts.transactions += 1;
          counts.items += TransactItems.length;
        } else if (commandName === UpdateItemCommand.name) counts.single += 1;
        else counts.reads += 1;
        return next(input);
      },
    { step: 'initialize', name: 'counts' },
  );
  const ssm = new SSMClient(clientOptions(emulator));
  const parts = { client, ssm, tables: tables.names, now: () => Date.now() };
  const killSwitch = fencingKillSwitch({ ...parts, parameter: `/interlock/${randomUUID()}` });
  await setMode({ killSwitch }, 'all', 'running');
  const store = dynamoStore(parts);
  const world: TestWorld = openTestWorld({
    wrap: (ports: Ports): Ports => ({
      ...ports,
      store,
      killSwitch,
      vault: embeddedVault({
        store,
        actions: ports.actions,
        openSession: (session) =>
          world.account.session({ ...session, now: () => ports.clock.now() }),
      }),
    }),
  });
  Object.assign(counts, { transactions: 0, items: 0, single: 0, reads: 0 });

  const ended = await world.proposeAndRun(ACTION_CASES.slice(0, 5).map(({ step }) => step));

  const seen = { ...counts };
  const verdict = await world.verifyEvidence(ended.id);
  world.close();
  ssm.destroy();
  tables.close();
  console.log(`5 steps: ${JSON.stringify(seen)}`);
  expect(ended).toMatchObject({ status: 'committed', sealed: true });
  // Its seal is in this store, and not in the log of the world.
  expect(verdict).toMatchObject({ integrity: { ok: true }, outcome: { ok: true } });
  expect(seen.transactions).toBeLessThanOrEqual(WRITES_MAX);
  expect(seen.items).toBeLessThanOrEqual(ITEMS_MAX);
});
