import { generateKeyPairSync, sign } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { hexOf } from '../core/evidence/bytes.ts';
import type { Bundle, EvidenceRecord } from '../core/evidence/index.ts';
import {
  bundleBytes,
  leafHash,
  merkleRoot,
  parseBundle,
  parseRecord,
  preAuthEncoding,
  recordBytes,
  sealEnvelope,
  sealStatement,
  verifyBundle,
} from '../core/evidence/index.ts';
import { nodeCrypto } from '../core/evidence/node-crypto.ts';
import { propose } from '../core/tasks/propose.ts';
import { streamOf } from '../core/transaction.ts';
import { bestCpuMs } from './measure.ts';
import { iamWorld } from './worlds.ts';

/** Throughput on one core, best of several rounds, beside what the same machine gives at least. */
export interface VerificationRate {
  /** Integrity of a stream that is in memory: parse, order, canonical form, tree, seal. */
  readonly recordsPerSecond: number;
  readonly bytesPerRecord: number;
  readonly megabytesPerSecond: number;
  /** The same of records of at most 1 KiB: claims, credentials, answers. */
  readonly smallRecordsPerSecond: number;
  readonly bytesPerSmallRecord: number;
  /** The same from the bytes of a bundle file. */
  readonly recordsPerSecondFromFile: number;
  /** Floor: one SHA-256 of each record. */
  readonly sha256PerSecond: number;
  /** Floor: `JSON.parse` of each record, nothing checked. */
  readonly jsonParsePerSecond: number;
  /** Floor: `canonicalize` of each record, parsed before. */
  readonly canonicalizePerSecond: number;
}

const RECORDS = 10_000;
const SMALL_BYTES = 1024;
/** A stream of which no outcome is asked. */
const STREAM_ID = 'llm:bench';

/** Measures the verification of one long stream made of the records of a real transaction. */
export async function measureVerification(): Promise<VerificationRate> {
  const written = await recordedRecords();
  const bundle = sealedBundle(written);
  const small = sealedBundle(written.filter((record) => recordBytes(record).length <= SMALL_BYTES));
  const { records } = bundle;
  const bytesPerRecord = meanLength(records);
  const recordsPerSecond = rateOf(() => requireIntegrity(bundle));
  return {
    recordsPerSecond,
    bytesPerRecord,
    megabytesPerSecond: Math.round((recordsPerSecond * bytesPerRecord) / 1e6),
    smallRecordsPerSecond: rateOf(() => requireIntegrity(small)),
    bytesPerSmallRecord: meanLength(small.records),
    recordsPerSecondFromFile: rateFromFile(bundleBytes(bundle)),
    ...measureFloors(records),
  };
}

function rateFromFile(file: Uint8Array): number {
  return rateOf(() => requireIntegrity(parseBundle(file)));
}

function measureFloors(records: readonly Uint8Array[]) {
  const decoder = new TextDecoder();
  const values: unknown[] = records.map((bytes) => JSON.parse(decoder.decode(bytes)));
  return {
    sha256PerSecond: rateOf(() => each(records, nodeCrypto.sha256)),
    jsonParsePerSecond: rateOf(() => each(records, (bytes) => JSON.parse(decoder.decode(bytes)))),
    canonicalizePerSecond: rateOf(() => each(values, (value) => canonicalize(value))),
  };
}

function meanLength(records: readonly Uint8Array[]): number {
  return Math.round(records.reduce((sum, { length }) => sum + length, 0) / records.length);
}

/** What a committed plan of five steps on the simulated account writes. */
async function recordedRecords(): Promise<readonly EvidenceRecord[]> {
  const parent = fs.mkdtempSync(join(tmpdir(), 'interlock-bench-'));
  const world = iamWorld(join(parent, 'world'), { outcome: 'committed', roles: 1 });
  const { ports } = world.controlPlane;
  try {
    const proposal = { plan: world.plan(0), idempotencyKey: 'bench', actor: world.actor };
    const { transaction } = await propose(ports, proposal);
    await world.controlPlane.run(transaction);
    return (await ports.store.records(streamOf(transaction.id))).map(parseRecord);
  } finally {
    world.controlPlane.close();
    fs.rmSync(parent, { recursive: true, force: true });
  }
}

function each<Value>(values: readonly Value[], run: (value: Value) => unknown): void {
  for (const value of values) run(value);
}

function rateOf(run: () => void): number {
  return Math.round((RECORDS / bestCpuMs(run)) * 1000);
}

function requireIntegrity(bundle: Bundle): void {
  const { integrity } = verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [] });
  if (integrity.ok !== true) throw new Error(`the stream must verify: ${integrity.reason}`);
}

/** One long stream that holds these records over and over. */
function sealedBundle(written: readonly EvidenceRecord[]): Bundle {
  const records = Array.from({ length: RECORDS }, (_, seq) => {
    const record = written[seq % written.length] as EvidenceRecord;
    return recordBytes({ ...record, streamId: STREAM_ID, seq, epoch: 1 });
  });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const leaves = records.map((bytes) => leafHash(nodeCrypto, bytes));
  const statement = sealStatement({
    v: 1,
    streamId: STREAM_ID,
    treeSize: records.length,
    root: hexOf(merkleRoot(nodeCrypto, leaves)),
    status: 'closed',
    final: true,
    at: '2026-11-25T03:00:00.000Z',
  });
  const signature = sign('sha256', preAuthEncoding(statement), privateKey);
  const keyId = hexOf(nodeCrypto.sha256(spki));
  const seal = sealEnvelope({ statement, keyId, signature: new Uint8Array(signature) });
  return { streamId: STREAM_ID, records, seals: [seal], keys: [{ publicKey: spki }], contents: {} };
}
