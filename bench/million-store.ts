import { DatabaseSync } from 'node:sqlite';
import type { ControlPlane } from '../adapters/embedded/control-plane.ts';
import { dataFolderAt } from '../adapters/embedded/data-folder.ts';
import { InvariantError } from '../core/errors.ts';
import { propose } from '../core/tasks/propose.ts';
import { runConcurrently } from './measure.ts';
import { fateOf, openMillionWorld, planAt } from './million-world.ts';

/** Transactions that run at once while the store is made. */
const CONCURRENCY = 128;
/** Transactions between two lines of progress; a later run goes on at a multiple of it. */
const BATCH = 1000;
/** What a transaction writes at least, on average; more roles than that are never needed. */
const RECORDS_PER_TRANSACTION_MIN = 30;

/** What a store was made of, and how long it took; nothing when it was there already. */
export interface MadeStore {
  readonly transactions: number;
  readonly records: number;
  readonly madeTransactions: number;
  readonly seconds: number;
}

/**
 * Makes a data folder of at least so many records with the engine itself, or goes on with one that
 * an earlier run has begun with the same number.
 */
export async function makeStore(
  folder: string,
  recordsMin: number,
  onProgress: (line: string) => void,
): Promise<MadeStore> {
  const roles = Math.ceil(recordsMin / RECORDS_PER_TRANSACTION_MIN) + BATCH;
  const controlPlane = openMillionWorld(folder, roles);
  const started = performance.now();
  try {
    const found = sizeOf(folder);
    let at = Math.floor(found.transactions / BATCH) * BATCH;
    let size = found;
    while (size.records < recordsMin) {
      const from = at;
      await runConcurrently({ count: BATCH, concurrency: CONCURRENCY }, (index) =>
        runOne(controlPlane, from + index),
      );
      at += BATCH;
      size = sizeOf(folder);
      const rate = ((size.transactions - found.transactions) / secondsSince(started)).toFixed(0);
      onProgress(`${size.records} records, ${size.transactions} transactions, ${rate} a second`);
    }
    // It takes in what is pending, 4,096 seals a second.
    await controlPlane.log.sequence('wait');
    const madeTransactions = size.transactions - found.transactions;
    return { ...size, madeTransactions, seconds: secondsSince(started) };
  } finally {
    controlPlane.close();
  }
}

function sizeOf(folder: string): { readonly transactions: number; readonly records: number } {
  const database = new DatabaseSync(dataFolderAt(folder).store, { readOnly: true });
  const sums = database
    .prepare('SELECT COUNT(*) AS transactions, SUM(next_seq) AS records FROM transactions')
    .get();
  database.close();
  return {
    transactions: sums?.['transactions'] as number,
    records: Number(sums?.['records'] ?? 0),
  };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

async function runOne(controlPlane: ControlPlane, index: number): Promise<void> {
  const plan = planAt(index);
  const wanted = { plan, idempotencyKey: `${index}`, actor: `agent:${plan.agent}` };
  const { transaction } = await propose(controlPlane.ports, wanted);
  if (transaction.sealed) return;
  await controlPlane.run(transaction);
  const status = (await controlPlane.ports.store.load(transaction.id))?.status;
  if (status !== fateOf(index))
    throw new InvariantError(`transaction ${index} is \`${status}\`, not \`${fateOf(index)}\``);
}
