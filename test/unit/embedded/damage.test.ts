import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openBarrier } from '../../../adapters/embedded/barrier.ts';
import { embeddedStore } from '../../../adapters/embedded/store.ts';
import { openStoreDatabase } from '../../../adapters/embedded/store-schema.ts';
import { StoreDamagedError } from '../../../core/errors.ts';
import { put, sampleTransaction } from '../../contract/store-samples.ts';

describe('A row that is damaged', () => {
  let database: DatabaseSync;
  beforeEach(async () => {
    database = openStoreDatabase(':memory:');
    await put(embeddedStore(database, openBarrier(':memory:')), 'tx-1');
  });
  afterEach(() => database.close());

  test.each([
    [
      'a status that is none',
      "UPDATE transactions SET status = 'propoced'",
      'the transaction `tx-1`',
    ],
    [
      'a phase that is none',
      "UPDATE transactions SET phase = 'toString'",
      'the transaction `tx-1`',
    ],
    ['a reason that is no JSON', "UPDATE transactions SET reason = '{'", 'the transaction `tx-1`'],
    ['a plan that is no JSON', "UPDATE transaction_details SET plan = '{'", 'the plan of `tx-1`'],
    [
      'a plan that names another role',
      `UPDATE transaction_details SET plan = replace(plan, '"app"', '"apq"')`,
      'the plan of `tx-1`',
    ],
    ['a plan that is gone', 'DELETE FROM transaction_details', 'the plan of `tx-1`'],
    ['targets that are no JSON', "UPDATE transaction_details SET targets = '['", 'for `tx-1`'],
  ])('is named: %s', async (_, change, name) => {
    database.exec(change);
    const store = embeddedStore(database, openBarrier(':memory:'));

    for (const read of [() => store.load('tx-1'), () => store.list({ limit: 10 })]) {
      await expect(read()).rejects.toThrow(StoreDamagedError);
      await expect(read()).rejects.toMatchObject({
        code: 'store-damaged',
        message: expect.stringContaining(name),
      });
    }
  });

  test('is told from one that is whole', async () => {
    const store = embeddedStore(database, openBarrier(':memory:'));

    expect(await store.load('tx-1')).toMatchObject(sampleTransaction('tx-1'));
  });
});

describe('A schema that is damaged', () => {
  const folder = fs.mkdtempSync(join(os.tmpdir(), 'interlock-schema-'));
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('is refused: a table would be made once more, and empty', () => {
    const path = join(folder, 'interlock.db');
    openStoreDatabase(path).close();
    const bytes = fs.readFileSync(path);
    const text = bytes.toString('latin1').replaceAll('seals', 'sealt');
    fs.writeFileSync(path, Buffer.from(text, 'latin1'));

    expect(() => openStoreDatabase(path)).toThrow(StoreDamagedError);
    expect(() => openStoreDatabase(path)).toThrow('the table `seals` cannot be read');
  });
});
