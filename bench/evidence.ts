import { generateKeyPairSync, sign } from 'node:crypto';
import canonicalize from 'canonicalize';
import { hexOf } from '../core/evidence/bytes.ts';
import type { Bundle, EvidenceRecord } from '../core/evidence/index.ts';
import {
  bundleBytes,
  leafHash,
  merkleRoot,
  nodeCrypto,
  parseBundle,
  preAuthEncoding,
  recordBytes,
  sealEnvelope,
  sealStatement,
  verifyBundle,
} from '../core/evidence/index.ts';

/** Throughput on one core, best of several rounds, beside what the same machine gives at least. */
export interface VerificationRate {
  /** Integrity of a stream that is in memory: parse, order, canonical form, tree, seal. */
  readonly recordsPerSecond: number;
  /** The same from the bytes of a bundle file. */
  readonly recordsPerSecondFromFile: number;
  readonly bytesPerRecord: number;
  /** Floor: one SHA-256 of each record. */
  readonly sha256PerSecond: number;
  /** Floor: `JSON.parse` of each record, nothing checked. */
  readonly jsonParsePerSecond: number;
  /** Floor: `canonicalize` of each record, parsed before. */
  readonly canonicalizePerSecond: number;
}

const RECORDS = 30_000;
const ROUNDS = 7;
const STREAM_ID = 'control:2026-11-25';

/** Measures the verification of a stream of records as a transaction writes them. */
export async function measureVerification(): Promise<VerificationRate> {
  const bundle = sealedBundle(
    Array.from({ length: RECORDS }, (_, seq) => recordBytes(record(seq))),
  );
  const file = bundleBytes(bundle);
  const { records } = bundle;
  const values: unknown[] = records.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)));
  const decoder = new TextDecoder();
  return {
    recordsPerSecond: rateOf(() => requireIntegrity(bundle)),
    recordsPerSecondFromFile: rateOf(() => requireIntegrity(parseBundle(file))),
    bytesPerRecord: Math.round(records.reduce((sum, { length }) => sum + length, 0) / RECORDS),
    sha256PerSecond: rateOf(() => each(records, nodeCrypto.sha256)),
    jsonParsePerSecond: rateOf(() => each(records, (bytes) => JSON.parse(decoder.decode(bytes)))),
    canonicalizePerSecond: rateOf(() => each(values, (value) => canonicalize(value))),
  };
}

function each<Value>(values: readonly Value[], run: (value: Value) => unknown): void {
  for (const value of values) run(value);
}

function rateOf(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return Math.round((RECORDS / best) * 1000);
}

function requireIntegrity(bundle: Bundle): void {
  const { integrity } = verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [] });
  if (integrity.ok !== true) throw new Error(`the stream must verify: ${integrity.reason}`);
}

function sealedBundle(records: readonly Uint8Array[]): Bundle {
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
  return { streamId: STREAM_ID, records, seals: [seal], publicKey: spki };
}

const KINDS = ['decided', 'claimed', 'vended', 'acknowledged', 'verified'];

/** Like the five records of a step: a decision with its digests, a claim, states, observations. */
function record(seq: number): EvidenceRecord {
  const step = seq % KINDS.length;
  const digest = hexOf(nodeCrypto.sha256(Uint8Array.of(seq & 255, seq >> 8)));
  const ids = { attemptId: `01K0Z6T4Q2ATTEMPT${seq}`, decisionId: `01K0Z6T4Q2DECISION${seq}` };
  const row = {
    planDigest: digest,
    inputDigest: digest,
    beforeDigest: digest,
    contextDigest: digest,
  };
  const state = { attached: true, policyArn: `arn:aws:iam::aws:policy/Unused${seq}` };
  const data = [
    {
      answer: 'allow',
      reasons: [{ id: 'permit-auditor' }],
      decision: { ...ids, ...row, epoch: 1 },
    },
    { ...ids, beforeDigest: digest, effectDeadline: 1_790_000_000_000 + seq, kind: 'apply' },
    { attemptId: ids.attemptId, policyDigest: digest },
    { attemptId: ids.attemptId, answer: 'applied' },
    { after: state, afterDigest: digest, ok: true, decision: { answer: 'allow', reasons: [] } },
  ][step] as EvidenceRecord['data'];
  const observation = { port: 'cloud.getRolePolicy', requestDigest: digest, answer: state };
  return {
    v: 1,
    streamId: STREAM_ID,
    seq,
    kind: 'kill-switch',
    at: new Date(1_790_000_000_000 + seq).toISOString(),
    epoch: 1,
    stepIndex: seq % 100,
    attempt: 1,
    actor: 'control-plane',
    data,
    observations: step === 1 || step === 4 ? [observation] : [],
  };
}
