import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { syncFolder } from '../adapters/embedded/durable-file.ts';
import { openReplayer } from '../adapters/embedded/replayer.ts';
import type { OldTransaction, PrunedStream } from '../adapters/embedded/retention.ts';
import { type BundleParts, bundleOf } from '../api/view/bundle-of.ts';
import { EvidenceError, InvalidInputError, isUnreadable } from '../core/errors.ts';
import {
  type Bundle,
  bundleBytes,
  type EvidenceVerdict,
  openEnvelope,
  parseBundle,
  parseSeal,
  type Trust,
  verifyBundle,
} from '../core/evidence/index.ts';
import { nodeCrypto } from '../core/evidence/node-crypto.ts';
import { recordOfFact } from '../core/tasks/control.ts';
import { streamOf } from '../core/transaction.ts';
import type { Pruned } from './json-shapes.ts';
import type { LocalControlPlane } from './open.ts';
import { fileNameOf } from './salvage.ts';
import { holdsSoFar } from './verify-store.ts';
import { writeDurableFile } from './write-file.ts';

/** Streams of one write and its record. */
const BATCH = 200;
/** Streams that are left in place which a report names, at most; it counts them all. */
const NAMED_MAX = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

type Report = z.infer<typeof Pruned>;

/** What may go, and where it goes. */
export interface PruneOptions {
  /** Streams whose final seal is older, epoch milliseconds. */
  readonly before: number;
  /** The folder of bundles; absent on a dry run, which changes nothing anywhere. */
  readonly archive?: string;
  readonly trust: Trust;
  readonly onProgress: (done: number) => void;
}

/**
 * Takes the records of old streams out of the store, each only when its bundle stands in the
 * archive, durable, and verifies: the log has its last seal. Throws `InvalidInputError`
 * (`within-retention`) for an instant that the retention still covers, and what `sequence` throws.
 */
export async function prune(plane: LocalControlPlane, options: PruneOptions): Promise<Report> {
  const { retention } = plane;
  const now = plane.ports.clock.now();
  requireOver(options.before, now - retention.days() * DAY_MS, retention.days());
  if (options.archive !== undefined) {
    fs.mkdirSync(options.archive, { recursive: true, mode: 0o700 });
    await plane.log.sequence('wait');
  }
  const { contents } = openReplayer(plane.contents);
  const parts = { ...plane.ports, log: plane.log, contents };
  const totals = { streams: 0, records: 0, skippedCount: 0 };
  const skipped: { streamId: string; reason: string }[] = [];
  for (let after = 0; ; ) {
    const batch = retention.old({ before: options.before, after, limit: BATCH });
    const last = batch.at(-1);
    if (last === undefined) break;
    const ready: PrunedStream[] = [];
    for (const one of batch) {
      const result = await archived(parts, one, options);
      if (typeof result !== 'string') ready.push(result);
      else {
        totals.skippedCount += 1;
        if (skipped.length < NAMED_MAX)
          skipped.push({ streamId: streamOf(one.id), reason: result });
      }
    }
    if (options.archive !== undefined && ready.length > 0) await remove(plane, ready, options, now);
    totals.streams += ready.length;
    totals.records += ready.reduce((sum, { records }) => sum + records, 0);
    options.onProgress(totals.streams);
    after = last.position;
  }
  return {
    dryRun: options.archive === undefined,
    before: new Date(options.before).toISOString(),
    retentionDays: retention.days(),
    ...totals,
    skipped,
  };
}

function requireOver(before: number, keptSince: number, days: number): void {
  if (before <= keptSince) return;
  const since = new Date(keptSince).toISOString();
  throw new InvalidInputError('within-retention', `evidence is kept for ${days} days`, {
    hint: `name an instant before ${since}`,
  });
}

/** The stream as it stands in the archive, or why it stays in the store. */
async function archived(
  parts: BundleParts,
  { id }: OldTransaction,
  { before, archive, trust }: PruneOptions,
): Promise<PrunedStream | string> {
  const transaction = await parts.store.load(id);
  if (transaction?.status === 'stuck' && transaction.resolution === undefined)
    return 'it is stuck, and nobody has resolved it';
  try {
    const bundle = await bundleOf(parts, streamOf(id));
    const verdict = verifyBundle(nodeCrypto, bundle, trust);
    // Without a dry run the log takes in first what waits.
    if (archive === undefined ? !holdsSoFar(verdict) : !verdict.ok) return reasonOf(verdict);
    if (sealedAt(bundle) >= before) return 'it was sealed later';
    const bytes = archive === undefined ? bundleBytes(bundle) : keep(archive, bundle, trust);
    const archiveDigest = createHash('sha256').update(bytes).digest('hex');
    return { streamId: streamOf(id), records: bundle.records.length, archiveDigest };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return error.message;
  }
}

function reasonOf({ integrity, signer, complete, outcome }: EvidenceVerdict): string {
  const failing = [integrity, signer, outcome, complete].find(({ ok }) => ok !== true);
  return `it does not verify: ${failing?.reason ?? 'not judged'}`;
}

/** Epoch milliseconds. */
function sealedAt({ seals }: Bundle): number {
  const last = seals.at(-1);
  return last === undefined
    ? Number.POSITIVE_INFINITY
    : Date.parse(parseSeal(openEnvelope(last).statement).at);
}

/** Puts a bundle into the archive, or finds it there; returns what the archive then holds. */
function keep(archive: string, bundle: Bundle, trust: Trust): Uint8Array {
  const path = join(archive, fileNameOf(bundle.streamId));
  if (!fs.existsSync(path)) writeDurableFile(path, bundleBytes(bundle));
  // Who wrote it may not have come so far.
  else syncFolder(archive);
  // As the disk gives it back, also right after writing.
  const bytes = fs.readFileSync(path);
  const found = parseBundle(bytes);
  const { ok } = verifyBundle(nodeCrypto, found, trust);
  if (ok && isSameStream(found, bundle)) return bytes;
  throw new EvidenceError('archive-differs', `\`${path}\` holds other evidence`);
}

function isSameStream(one: Bundle, other: Bundle): boolean {
  return (
    one.streamId === other.streamId &&
    one.records.length === other.records.length &&
    one.records.every((bytes, index) =>
      Buffer.from(bytes).equals(other.records[index] ?? Buffer.of()),
    )
  );
}

async function remove(
  { retention, operator }: LocalControlPlane,
  streams: readonly PrunedStream[],
  { before }: PruneOptions,
  now: number,
): Promise<void> {
  const data = {
    before: new Date(before).toISOString(),
    count: streams.length,
    streams: streams.map((one) => ({ ...one })),
  };
  const actor = `operator:${operator}`;
  await retention.prune(streams, recordOfFact({ kind: 'evidence-pruned', actor, data }, now), now);
}
