import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openStoreDatabase } from '../../adapters/embedded/store-schema.ts';
import { caseNamed } from '../integration/support/action-cases.ts';
import { makeTestFiles, type TestFiles } from '../integration/support/store-dump.ts';
import { openTestWorld } from '../integration/support/world.ts';

let files: TestFiles;
let database: DatabaseSync;
beforeEach(async () => {
  files = makeTestFiles();
  const world = openTestWorld(files);
  await world.proposeAndRun([caseNamed('iam:DeleteRolePolicy').step]);
  await world.sequence();
  world.close();
  database = openStoreDatabase(files.storePath);
});
afterEach(() => {
  database.close();
  files.remove();
});

const REFUSED = [
  ['records', 'DELETE FROM records'],
  ['records', "UPDATE records SET bytes = x'00' WHERE seq = 1"],
  ['records', "UPDATE records SET stream_id = 'tx:other'"],
  ['records', 'UPDATE records SET seq = seq + 100'],
  ['records', "INSERT OR REPLACE INTO records SELECT stream_id, seq, x'00' FROM records"],
  ['seals', 'DELETE FROM seals'],
  ['seals', "UPDATE seals SET envelope = ''"],
  ['seals', 'UPDATE seals SET tree_size = 1'],
  [
    'seals',
    "INSERT OR REPLACE INTO seals SELECT position, stream_id, tree_size, '', '' FROM seals",
  ],
  ['seals', 'UPDATE seals SET position = position + 100'],
  ['log_entries', 'DELETE FROM log_entries'],
  ['log_entries', "UPDATE log_entries SET statement = x'00'"],
  ['log_nodes', 'DELETE FROM log_nodes'],
  ['log_nodes', "UPDATE log_nodes SET hash = x'00'"],
  ['log_nodes', "INSERT OR REPLACE INTO log_nodes SELECT level, place, x'00' FROM log_nodes"],
  ['log_heads', 'DELETE FROM log_heads'],
  ['log_heads', "UPDATE log_heads SET checkpoint = ''"],
  ['decisions', 'DELETE FROM decisions'],
  ['decisions', "UPDATE decisions SET body = '{}'"],
  ['decisions', 'UPDATE decisions SET used_by = NULL'],
  ['decisions', "UPDATE decisions SET used_by = 'somebody else'"],
  [
    'decisions',
    'INSERT OR REPLACE INTO decisions SELECT position, id, transaction_id, body, NULL FROM decisions',
  ],
  ['claims', 'DELETE FROM claims'],
  ['claims', "UPDATE claims SET body = '{}'"],
  ['claims', "UPDATE claims SET answer = 'refused'"],
  ['claims', 'UPDATE claims SET answer = NULL'],
] as const;

describe('the embedded store, as it opens its file,', () => {
  it.each(REFUSED)('keeps its %s against `%s`', (_table, statement) => {
    const before = files.dump();

    expect(() => database.exec(statement)).toThrow();

    expect(files.dump()).toBe(before);
  });

  it('takes what is new', () => {
    const before = files.dump();

    database.exec("INSERT INTO records (stream_id, seq, bytes) VALUES ('control:x', 0, x'00')");

    expect(files.dump()).not.toBe(before);
  });

  describe('with a decision and a claim that are still open', () => {
    beforeEach(() => {
      database.exec(`
        INSERT INTO decisions (id, transaction_id, body) VALUES ('open', 'tx-1', '{}');
        INSERT INTO claims (attempt_id, transaction_id, step_index, kind, attempt, body,
          policy_digest) VALUES ('open', 'tx-1', 0, 'apply', 1, '{}', 'vended');`);
    });

    it.each([
      "UPDATE decisions SET transaction_id = 'tx-2' WHERE id = 'open'",
      "UPDATE claims SET transaction_id = 'tx-2' WHERE attempt_id = 'open'",
      "UPDATE claims SET step_index = 1 WHERE attempt_id = 'open'",
      "UPDATE claims SET kind = 'compensate' WHERE attempt_id = 'open'",
      "UPDATE claims SET attempt = 2 WHERE attempt_id = 'open'",
      "UPDATE claims SET policy_digest = 'another' WHERE attempt_id = 'open'",
      "UPDATE claims SET policy_digest = NULL WHERE attempt_id = 'open'",
    ])('refuses `%s`', (statement) => {
      const before = files.dump();

      expect(() => database.exec(statement)).toThrow();

      expect(files.dump()).toBe(before);
    });

    it('lets the decision be used and the claim be answered, once', () => {
      const use = "UPDATE decisions SET used_by = 'open' WHERE id = 'open'";
      const answer = "UPDATE claims SET answer = 'applied' WHERE attempt_id = 'open'";
      database.exec(`${use}; ${answer};`);

      expect(() => database.exec(use)).toThrow('a decision is used once');
      expect(() => database.exec(answer)).toThrow('a claim is answered once');
    });
  });
});
