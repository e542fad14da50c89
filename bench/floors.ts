import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { percentile } from './measure.ts';
import { print } from './print.ts';

/** What the machine itself costs: nothing durable, hashed or signed can be faster. Microseconds. */
export interface Floors {
  readonly fdatasyncUs: number;
  /** A commit with `synchronous=FULL`. */
  readonly sqliteCommitUs: number;
  readonly signP256Us: number;
  /** Of a leaf of 1 KiB. */
  readonly sha256Us: number;
}

const SAMPLES = 200;

/** Measures the floors in a folder, median of 200 each. */
export function measureFloors(folder: string): Floors {
  const file = fs.openSync(join(folder, 'floor'), 'w');
  const block = Buffer.alloc(1024, 1);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const database = new DatabaseSync(join(folder, 'floor.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (x BLOB)');
  const insert = database.prepare('INSERT INTO t (x) VALUES (?)');
  const floors = {
    fdatasyncUs: median(() => {
      fs.writeSync(file, block);
      fs.fdatasyncSync(file);
    }),
    sqliteCommitUs: median(() => insert.run(block)),
    signP256Us: median(() => sign('sha256', block, privateKey)),
    sha256Us: median(() => createHash('sha256').update(block).digest()),
  };
  database.close();
  fs.closeSync(file);
  return floors;
}

/** Prints the floors. */
export function printFloors(floors: Floors): void {
  print('Floors of this machine (median)', [
    ['fdatasync', `${floors.fdatasyncUs.toFixed(0)} us`],
    ['sqlite commit, synchronous=FULL', `${floors.sqliteCommitUs.toFixed(0)} us`],
    ['sign, P-256', `${floors.signP256Us.toFixed(0)} us`],
    ['sha256 of 1 KiB', `${floors.sha256Us.toFixed(1)} us`],
  ]);
}

function median(run: () => unknown): number {
  const samples: number[] = [];
  for (let i = 0; i < SAMPLES; i += 1) {
    const started = performance.now();
    run();
    samples.push((performance.now() - started) * 1000);
  }
  return percentile(samples, 0.5);
}
