import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { z } from 'zod';
import { openBarrier } from '../adapters/embedded/barrier.ts';
import { rebuildStore } from '../adapters/embedded/salvage/rebuild.ts';
import { embeddedStore } from '../adapters/embedded/store.ts';
import { problemsOf } from '../adapters/embedded/store-check.ts';
import { bundleOf } from '../api/view/bundle-of.ts';
import { EvidenceError, InvalidInputError, StoreDamagedError } from '../core/errors.ts';
import {
  type Bundle,
  bundleBytes,
  nodeCrypto,
  type Trust,
  verifyBundle,
} from '../core/evidence/index.ts';
import type { Ports } from '../core/tasks/ports.ts';
import { streamOf } from '../core/transaction.ts';
import type { Salvaged } from './json-shapes.ts';
import { writeNewFile } from './write-file.ts';

/** Damaged streams that a report names, at most; it counts them all. */
const NAMED_MAX = 1000;

type Report = z.infer<typeof Salvaged>;

/** What is salvaged, whereto, and by whose key. */
export interface SalvageOptions {
  /** The store's file; it is read, and never written to. */
  readonly store: string;
  /** A folder that is not there yet, or is empty. */
  readonly out: string;
  readonly signer: Ports['signer'];
  readonly trust: Trust;
  readonly onProgress: (what: string) => (done: number, count: number) => void;
}

/**
 * Writes the bundle of every stream that can still be read whole, and `report.json`, which names
 * the others. Throws `InvalidInputError` (`folder-not-empty`, `file-unwritable`).
 */
export async function salvage(options: SalvageOptions): Promise<Report> {
  prepareFolder(options.out);
  const scratch = fs.mkdtempSync(join(options.out, '.salvage-'));
  const path = join(scratch, 'interlock.db');
  const rebuilt = rebuildStore(options.store, path, options.onProgress('pages read'));
  const barrier = openBarrier(path);
  try {
    const ports = { store: embeddedStore(rebuilt.database, barrier), signer: options.signer };
    const expected = expectations(rebuilt.database);
    const pruned = prunedStreams(rebuilt.database);
    const named = [...new Set([...rebuilt.streamsNamed(), ...expected.keys()])].sort();
    const names = named.filter((streamId) => !pruned.has(streamId));
    const streams = await exportAll(ports, names, { ...options, expected });
    const damage = [...problemsOf(options.store), ...rowsText(rebuilt.unreadableRows)];
    const ok = damage.length === 0 && streams.damagedCount === 0;
    const report: Report = { ok, folder: options.out, damage, ...streams };
    writeNewFile(join(options.out, 'report.json'), Buffer.from(`${JSON.stringify(report)}\n`));
    return report;
  } finally {
    barrier.close();
    rebuilt.database.close();
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

function prepareFolder(out: string): void {
  try {
    fs.mkdirSync(out, { recursive: true, mode: 0o700 });
    if (fs.readdirSync(out).length === 0) return;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? os.platform();
    throw new InvalidInputError('file-unwritable', `cannot write to \`${out}\`: ${code}`, {
      cause,
    });
  }
  throw new InvalidInputError('folder-not-empty', `\`${out}\` is not empty`, {
    hint: 'name a folder that is not there yet',
  });
}

function rowsText(unreadable: number): readonly string[] {
  return unreadable === 0 ? [] : [`${unreadable} row(s) cannot be read any more`];
}

/** What the rows of transactions say of their streams: how many records, and whether sealed. */
interface Expectation {
  readonly records: number;
  readonly isSealed: boolean;
}

function expectations(database: DatabaseSync): ReadonlyMap<string, Expectation> {
  const rows = database
    .prepare('SELECT id, next_seq, sealed FROM transactions WHERE next_seq > 0')
    .all();
  return new Map(
    rows.map((row) => [
      streamOf(row['id'] as string),
      { records: row['next_seq'] as number, isSealed: row['sealed'] === 1 },
    ]),
  );
}

/** Streams whose records are in an archive, and nowhere else on purpose. */
function prunedStreams(database: DatabaseSync): ReadonlySet<string> {
  const rows = database.prepare('SELECT stream_id AS id FROM pruned_streams').all();
  return new Set(rows.map(({ id }) => id as string));
}

type Exported = Pick<Report, 'exported' | 'valid' | 'damaged' | 'damagedCount'>;

interface ExportOptions extends SalvageOptions {
  readonly expected: ReadonlyMap<string, Expectation>;
}

async function exportAll(
  ports: Pick<Ports, 'store' | 'signer'>,
  names: readonly string[],
  options: ExportOptions,
): Promise<Exported> {
  const onProgress = options.onProgress('streams written');
  const damaged: { streamId: string; reason: string }[] = [];
  const counts = { exported: 0, valid: 0, damagedCount: 0 };
  for (const [index, streamId] of names.entries()) {
    const read = await readStream(ports, streamId, options);
    if (read.bundle !== undefined) {
      writeNewFile(join(options.out, fileNameOf(streamId)), bundleBytes(read.bundle));
      counts.exported += 1;
      if (read.isValid) counts.valid += 1;
    }
    if (read.problem !== undefined) {
      counts.damagedCount += 1;
      if (damaged.length < NAMED_MAX) damaged.push({ streamId, reason: read.problem });
    }
    onProgress(index + 1, names.length);
  }
  return { ...counts, damaged };
}

/** The file of a stream's bundle: the id of a transaction, or the stream's name. */
export function fileNameOf(streamId: string): string {
  return `${streamId.replace(/^tx:/, '').replace(':', '-')}.json`;
}

interface ReadStream {
  /** Absent when it is not whole: the verifier would refuse it. */
  readonly bundle?: Bundle;
  readonly isValid: boolean;
  readonly problem?: string;
}

async function readStream(
  ports: Pick<Ports, 'store' | 'signer'>,
  streamId: string,
  { trust, expected }: ExportOptions,
): Promise<ReadStream> {
  try {
    const bundle = await bundleOf(ports, streamId);
    const lost = lostText(bundle, expected.get(streamId));
    if (bundle.records.length === 0) return { isValid: false, problem: lost ?? NOTHING_LEFT };
    const { ok, integrity } = verifyBundle(nodeCrypto, bundle, trust);
    if (integrity.ok === false) return { isValid: false, problem: integrity.reason };
    return { bundle, isValid: ok, ...(lost === undefined ? {} : { problem: lost }) };
  } catch (error) {
    if (!(error instanceof EvidenceError || error instanceof StoreDamagedError)) throw error;
    return { isValid: false, problem: error.message };
  }
}

const NOTHING_LEFT = 'none of its records is left';

/** What the transaction's row says is missing; a row can be damaged too, and then says nothing. */
function lostText(bundle: Bundle, expectation: Expectation | undefined): string | undefined {
  if (expectation === undefined) return undefined;
  const lost = expectation.records - bundle.records.length;
  if (lost > 0) return `${lost} of ${expectation.records} records are lost`;
  return expectation.isSealed && bundle.seals.length === 0 ? 'its seal is lost' : undefined;
}
