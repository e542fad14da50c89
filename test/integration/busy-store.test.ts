import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openStoreDatabase } from '../../adapters/embedded/store-schema.ts';
import { TransientError } from '../../core/errors.ts';
import { caseNamed } from './support/action-cases.ts';
import { openTestWorld } from './support/world.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'interlock-busy-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

test('every write to a store that another process keeps busy is transient', async () => {
  const storePath = join(folder, 'interlock.db');
  const world = openTestWorld({ storePath });
  const { store } = world.ports;
  const { id } = await world.propose([caseNamed('iam:AttachRolePolicy').step]);
  const lease = { transactionId: id, owner: 'test:1:busy', leaseUntil: world.clock.now() + 1000 };
  await store.start({ ...lease, epoch: 0 });
  const other = openStoreDatabase(storePath);
  other.exec('BEGIN IMMEDIATE');

  const refused = await Promise.allSettled([
    store.cancel(id, 'operator:ops', world.clock.now()),
    store.renewLease({ ...lease, epoch: 1 }),
    store.start({ ...lease, epoch: 1 }),
  ]);
  other.exec('ROLLBACK');

  for (const one of refused) {
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'database-busy' } });
    expect((one as PromiseRejectedResult).reason).toBeInstanceOf(TransientError);
  }
  await store.cancel(id, 'operator:ops', world.clock.now());
  expect(await store.load(id)).toMatchObject({ epoch: 1, cancelled: { by: 'operator:ops' } });
  other.close();
  world.close();
});
