import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { z } from 'zod';
import { type Barrier, openBarrier } from '../adapters/embedded/barrier.ts';
import { embeddedContents } from '../adapters/embedded/contents.ts';
import type { DataFolder } from '../adapters/embedded/data-folder.ts';
import { embeddedLogStore } from '../adapters/embedded/log-store.ts';
import { openReplayer } from '../adapters/embedded/replayer.ts';
import { rebuildStore } from '../adapters/embedded/salvage/rebuild.ts';
import { keyFileSigner } from '../adapters/embedded/signer.ts';
import { embeddedStore } from '../adapters/embedded/store.ts';
import { problemsOf } from '../adapters/embedded/store-check.ts';
import { type BundleParts, bundleOf } from '../api/view/bundle-of.ts';
import { InvalidInputError, isUnreadable } from '../core/errors.ts';
import {
  type Bundle,
  bundleBytes,
  type EvidenceVerdict,
  type Trust,
  verifyBundle,
} from '../core/evidence/index.ts';
import { nodeCrypto } from '../core/evidence/node-crypto.ts';
import { streamOf } from '../core/transaction.ts';
import type { Salvaged } from './json-shapes.ts';
import { writeNewFile } from './write-file.ts';

/** Damaged streams that a report names, at most; it counts them all. */
const NAMED_MAX = 1000;

type Report = z.infer<typeof Salvaged>;

/** What is salvaged, and whereto. */
export interface SalvageOptions {
  /** Its files are read, and never written to. Without the key of the log nothing says where seals
   * stand in it; the key that seals is not needed. */
  readonly folder: Pick<DataFolder, 'store' | 'logKey'>;
  /** A folder that is not there yet, or is empty. */
  readonly out: string;
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
  const rebuilt = rebuildStore(options.folder.store, path, options.onProgress('pages read'));
  const barrier = openBarrier(path);
  try {
    const parts = partsOf(rebuilt.database, barrier, options.folder.logKey);
    const expected = expectations(rebuilt.database);
    const pruned = prunedStreams(rebuilt.database);
    const named = [...new Set([...rebuilt.streamsNamed(), ...expected.keys()])].sort();
    const names = named.filter((streamId) => !pruned.has(streamId));
    const streams = await exportAll(parts, names, { ...options, expected });
    const damage = [...problemsOf(options.folder.store), ...rowsText(rebuilt.unreadableRows)];
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

/** What bundles are made from, as `tx export` makes them. */
function partsOf(database: DatabaseSync, barrier: Barrier, logKey: string): BundleParts {
  const { contents } = openReplayer(embeddedContents(database));
  const parts = { store: embeddedStore(database, barrier), crypto: nodeCrypto, contents };
  if (!fs.existsSync(logKey)) return parts;
  const { publicKey } = keyFileSigner(logKey);
  return { ...parts, log: { store: embeddedLogStore(database, barrier), publicKey } };
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
  parts: BundleParts,
  names: readonly string[],
  options: ExportOptions,
): Promise<Exported> {
  const onProgress = options.onProgress('streams written');
  const damaged: { streamId: string; reason: string }[] = [];
  const counts = { exported: 0, valid: 0, damagedCount: 0 };
  for (const [index, streamId] of names.entries()) {
    const read = await readStream(parts, streamId, options);
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
  parts: BundleParts,
  streamId: string,
  { trust, expected }: ExportOptions,
): Promise<ReadStream> {
  try {
    const { store, crypto } = parts;
    const bundle = await bundleOf({ store, crypto }, streamId);
    const lost = lostText(bundle, expected.get(streamId));
    if (bundle.records.length === 0) return { isValid: false, problem: lost ?? NOTHING_LEFT };
    const verdict = verifyBundle(crypto, bundle, trust);
    if (verdict.integrity.ok === false)
      return { isValid: false, problem: verdict.integrity.reason };
    const full = await withLog(parts, { bundle, verdict }, trust);
    const problem = lost ?? full.problem;
    const read = { bundle: full.bundle, isValid: full.verdict.ok };
    return problem === undefined ? read : { ...read, problem };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { isValid: false, problem: error.message };
  }
}

interface Judged {
  readonly bundle: Bundle;
  readonly verdict: EvidenceVerdict;
}

/** The bundle with its place in the log, and with what was decided on where that can be told; as it
 * is where the log is damaged, for what the records say does not rest on it. */
async function withLog(
  { contents, ...parts }: BundleParts,
  bare: Judged,
  trust: Trust,
): Promise<Judged & { readonly problem?: string }> {
  const isWhole = bare.verdict.integrity.ok === true;
  try {
    const bundle = await bundleOf(isWhole ? { ...parts, contents } : parts, bare.bundle.streamId);
    const verdict = verifyBundle(parts.crypto, bundle, trust);
    const worse = CHECKS.find((name) => isWorse(verdict[name], bare.verdict[name]));
    if (worse === undefined) return { bundle, verdict };
    return { ...bare, problem: `${LOG_LOST}: ${verdict[worse].reason}` };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { ...bare, problem: `${LOG_LOST}: ${error.message}` };
  }
}

const CHECKS = ['integrity', 'signer', 'complete', 'outcome'] as const;
const LOG_LOST = 'its place in the log is lost';

type Check = EvidenceVerdict['integrity'];

function isWorse({ ok }: Check, before: Check): boolean {
  return ok === false && before.ok !== false;
}

const NOTHING_LEFT = 'none of its records is left';

/** What the transaction's row says is missing; a row can be damaged too, and then says nothing. */
function lostText(bundle: Bundle, expectation: Expectation | undefined): string | undefined {
  if (expectation === undefined) return undefined;
  const lost = expectation.records - bundle.records.length;
  if (lost > 0) return `${lost} of ${expectation.records} records are lost`;
  return expectation.isSealed && bundle.seals.length === 0 ? 'its seal is lost' : undefined;
}
