import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Mutation } from '../../../adapters/embedded/account/account.ts';
import { dataFolderAt } from '../../../adapters/embedded/data-folder.ts';
import { bundleOf } from '../../../api/view/bundle-of.ts';
import { type LocalControlPlane, openExisting } from '../../../cli/open.ts';
import { verifyBundle } from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import type { JsonObject } from '../../../core/json.ts';
import { streamOf, type Transaction } from '../../../core/transaction.ts';

/** What a data folder holds, read without the commands. */
export interface FolderTruth {
  readonly transactions: readonly Transaction[];
  /** The ids of transactions whose evidence does not verify under the folder's key. */
  readonly unverified: readonly string[];
  readonly gaad: JsonObject;
  readonly digest: string;
  /** Every mutating call that the account took or refused. */
  readonly calls: readonly Mutation[];
  readonly killMode: string;
}

/** Reads a data folder that no process uses. */
export async function truthOf(data: string): Promise<FolderTruth> {
  const controlPlane = openExisting({ data });
  try {
    const { ports, account, log } = controlPlane;
    await log.sequence('wait');
    const { transactions } = await ports.store.list({ limit: 1000 });
    const verdicts = await Promise.all(
      transactions.map(async ({ id }) => ((await isVerified(controlPlane, id)) ? [] : [id])),
    );
    return {
      transactions,
      unverified: verdicts.flat(),
      gaad: account.toGaad(),
      digest: account.digest(),
      calls: account.mutations(),
      killMode: await ports.killSwitch.effective([]),
    };
  } finally {
    controlPlane.close();
  }
}

/** How many mutating calls the account has answered so far; leaves no trace in a folder in use. */
export function effectsIn(data: string): number {
  const { account } = dataFolderAt(data);
  if (!existsSync(account)) return 0;
  try {
    const database = new DatabaseSync(account, { readOnly: true });
    const row = database.prepare('SELECT count(*) AS count FROM mutation').get();
    database.close();
    return Number(row?.['count']);
  } catch {
    // The process that makes the account has not got so far.
    return 0;
  }
}

async function isVerified({ ports, log }: LocalControlPlane, id: string): Promise<boolean> {
  const bundle = await bundleOf({ ...ports, log }, streamOf(id));
  // The log's key is enough.
  return verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [log.keyId] }).ok;
}
