import { copyFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAccount } from '../../adapters/embedded/account/account.ts';
import { type DataFolder, dataFolderAt } from '../../adapters/embedded/data-folder.ts';
import { createKeyFile } from '../../adapters/embedded/signer.ts';
import { type Bed, makeBed, STARTS_AT } from '../stress/crash-bed.ts';
import { checkFolder, type Expectation } from '../stress/crash-check.ts';
import { openLane } from '../stress/crash-process.ts';

let bed: Bed;
let finished: string;
let expected: Expectation;

beforeAll(async () => {
  bed = makeBed();
  const lane = openLane(bed.decisionPoint, bed.cacheFolder);
  finished = bed.copy(bed.template);
  const job = { work: 'transact', plan: 'commits', killAt: 0, startsAt: STARTS_AT } as const;
  await lane.run({ ...job, folder: finished });
  lane.close();
  const { beforeDigest } = bed;
  const open = { beforeDigest, fullDigest: '', isAcknowledged: true };
  const { digest } = await checkFolder(finished, open, bed.decisionPoint);
  expected = { ...open, fullDigest: digest, status: 'committed' };
});

afterAll(() => bed.close());

async function violationsAfter(
  tamper: (files: DataFolder) => void | Promise<void>,
): Promise<readonly string[]> {
  const folder = bed.copy(finished);
  await tamper(dataFolderAt(folder));
  return (await checkFolder(folder, expected, bed.decisionPoint)).violations;
}

function execute(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

interface Tampering {
  readonly name: string;
  readonly tamper: (files: DataFolder) => void | Promise<void>;
  readonly noticed: RegExp;
}

const TAMPERINGS: readonly Tampering[] = [
  {
    name: 'an effect that no claim stands for',
    async tamper({ account: path }) {
      const account = openAccount(path);
      const input = { UserName: 'svc-backup', PolicyName: 'backup' };
      await account.admin().call({ operation: 'iam:DeleteUserPolicy', input });
      account.close();
    },
    noticed: /`iam:DeleteUserPolicy` was called without a claim/,
  },
  {
    name: 'an effect that was made twice',
    tamper: ({ account }) =>
      execute(
        account,
        `INSERT INTO mutation (at, operation, input, principal, answer)
         SELECT at, operation, input, principal, answer FROM mutation LIMIT 1`,
      ),
    noticed: /step `step-1` was applied 2 times/,
  },
  {
    name: 'an effect that got lost',
    tamper: ({ path, account }) => {
      rmSync(account);
      copyFileSync(dataFolderAt(bed.template).account, dataFolderAt(path).account);
    },
    noticed: /step `step-1` of a committed plan has no effect/,
  },
  {
    name: 'an account that is neither as before nor whole',
    tamper: ({ account }) =>
      execute(account, `DELETE FROM entity WHERE arn LIKE '%:user/bob.developer'`),
    noticed: /`committed` does not fit the account/,
  },
  {
    name: 'an answer that is not true',
    tamper: ({ store }) =>
      execute(store, `DROP TRIGGER claims_answered_once; UPDATE claims SET answer = 'not-applied'`),
    noticed: /was done after all/,
  },
  {
    name: 'a lock that stays',
    tamper: ({ store }) =>
      execute(
        store,
        `INSERT INTO locks (resource, transaction_id)
         SELECT json_extract(prepared, '$[0].resources[0]'), id FROM transaction_details`,
      ),
    noticed: /a lock was left behind/,
  },
  {
    name: 'an end without its seal',
    tamper: ({ store }) => execute(store, 'UPDATE transactions SET sealed = 0'),
    noticed: /not sealed/,
  },
  {
    name: 'a record that is missing at the end',
    tamper: ({ store }) =>
      execute(
        store,
        `DROP TRIGGER records_stay; DELETE FROM records WHERE stream_id LIKE 'tx:%'
         AND seq = (SELECT MAX(seq) FROM records WHERE stream_id LIKE 'tx:%')`,
      ),
    noticed: /evidence: (integrity|complete)/,
  },
  {
    name: 'a log key that is not the one of the checkpoint',
    tamper: ({ logKey }) => {
      rmSync(logKey);
      createKeyFile(logKey);
    },
    noticed: /evidence: log: .*signature/,
  },
  {
    name: 'an outcome that was taken back',
    tamper: ({ store }) => execute(store, `UPDATE transactions SET status = 'compensated'`),
    noticed: /was durably `committed`, now `compensated`/,
  },
  {
    name: 'a transaction that never ended',
    tamper: ({ store }) => execute(store, `UPDATE transactions SET status = 'running'`),
    noticed: /`running` is not final/,
  },
  {
    name: 'a plan that was accepted and is gone',
    tamper: ({ path, store }) => {
      rmSync(store);
      copyFileSync(dataFolderAt(bed.template).store, dataFolderAt(path).store);
    },
    noticed: /an acknowledged proposal is lost/,
  },
];

describe('the look at a recovered data folder', () => {
  it('finds nothing when nothing was done to it', async () => {
    const violations = await violationsAfter(() => undefined);

    expect(violations).toEqual([]);
  });

  it.each(TAMPERINGS)('notices $name', async ({ tamper, noticed }) => {
    const violations = await violationsAfter(tamper);

    expect(violations).toEqual(expect.arrayContaining([expect.stringMatching(noticed)]));
  });
});
