import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { dataFolderAt } from '../adapters/embedded/data-folder.ts';
import { measureFloors, printFloors } from './floors.ts';
import { measureQueries, measureVerifyAll, sampleTransactions } from './million-measure.ts';
import { type MadeStore, makeStore } from './million-store.ts';
import { openMillionWorld } from './million-world.ts';
import { print } from './print.ts';

/** A query of one page or one transaction may take so long. */
const P99_MS_MAX = 50;

/**
 * Makes a store of so many records in a data folder, or goes on with the one that is there, and
 * measures what is asked of it. Returns the exit code: 1 when a query is too slow.
 */
export async function measureMillion(folder: string, recordsMin: number): Promise<number> {
  const say = (line: string) => console.error(`  ${line}`);
  const made = await makeStore(folder, recordsMin, say);
  measureFloorsAside();
  printStore(folder, made);
  const controlPlane = openMillionWorld(folder, 0);
  try {
    const { ports } = controlPlane;
    const transactions = await sampleTransactions(ports, made.transactions);
    const measures = await measureQueries(controlPlane, { transactions, total: made.transactions });
    print('One query', [
      ['query', 'p50 ms', 'p99 ms', 'answer', `p99 < ${P99_MS_MAX} ms`],
      ...measures.map(({ query, p50Ms, p99Ms, answer }) => [
        ...[query, p50Ms.toFixed(1), p99Ms.toFixed(1), answer],
        p99Ms < P99_MS_MAX ? 'met' : 'missed',
      ]),
    ]);
    const all = await measureVerifyAll(controlPlane, (what) => (done, count) => {
      if (done % 5000 === 0) say(`${what}: ${done} of ${count}`);
    });
    print('evidence verify --all', [
      ['transactions', `${all.valid} of ${all.checked} valid, the others are open`],
      ['took', `${all.seconds.toFixed(1)} s, ${all.cpuSeconds.toFixed(1)} s of one core`],
      ['rate', `${(made.records / all.cpuSeconds).toFixed(0)} records/s of one core`],
    ]);
    return measures.every(({ p99Ms }) => p99Ms < P99_MS_MAX) ? 0 : 1;
  } finally {
    controlPlane.close();
  }
}

function measureFloorsAside(): void {
  const scratch = fs.mkdtempSync(join(os.tmpdir(), 'interlock-floors-'));
  printFloors(measureFloors(scratch));
  fs.rmSync(scratch, { recursive: true, force: true });
}

function printStore(folder: string, made: MadeStore): void {
  const { transactions, records, madeTransactions, seconds } = made;
  const { size } = fs.statSync(dataFolderAt(folder).store);
  const rate =
    madeTransactions === 0 ? '' : `, ${(madeTransactions / seconds).toFixed(0)} a second`;
  print('The store', [
    ['load of the machine, 1 min', os.loadavg()[0]?.toFixed(1) ?? ''],
    ['records', records],
    ['transactions', transactions],
    ['made now', `${madeTransactions} in ${seconds.toFixed(0)} s${rate}`],
    ['database', `${(size / 1e6).toFixed(0)} MB`],
    ['growth', `${Math.round(size / transactions)} bytes a transaction`],
    ['', `${Math.round(size / records)} bytes a record`],
  ]);
}
