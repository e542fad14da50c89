import { hexOf } from '../../../../core/evidence/bytes.ts';
import { strictBytes } from '../../../../core/evidence/canonical.ts';
import type { Bundle, EvidenceRecord, SealStatus } from '../../../../core/evidence/index.ts';
import {
  leafHash,
  merkleRoot,
  recordBytes,
  sealDigest,
  sealStatement,
} from '../../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../../core/evidence/node-crypto.ts';
import type { Json, JsonObject } from '../../../../core/json.ts';
import type { TestKey } from './key.ts';
import { makeKey } from './key.ts';

/** A stream before it is sealed: a test changes it, and the key's owner seals it as it stands. */
export interface Draft {
  readonly streamId: string;
  readonly records: readonly EvidenceRecord[];
  /** In order; each leaves that many records at the tail uncovered. */
  readonly seals: readonly { readonly status: SealStatus; readonly uncovered: number }[];
}

export const TRANSACTION_ID = '01K0Z6T4Q2';
export const STREAM_ID = `tx:${TRANSACTION_ID}`;
export const testKey: TestKey = makeKey();
export const START = Date.parse('2026-11-25T03:00:00.000Z');

/** SHA-256 of the RFC 8785 bytes, hex. */
export function digestOf(value: Json): string {
  return hexOf(nodeCrypto.sha256(strictBytes(value)));
}

/** Seals a draft, as the engine would: the nth seal with the nth key, or the last there is. */
export function bundleOf(draft: Draft, ...others: readonly TestKey[]): Bundle {
  const signers = others.length === 0 ? [testKey] : others;
  const records = draft.records.map(recordBytes);
  const leaves = records.map((bytes) => leafHash(nodeCrypto, bytes));
  let previousSeal: string | undefined;
  const seals = draft.seals.map(({ status, uncovered }, index) => {
    const treeSize = records.length - uncovered;
    const statement = sealStatement({
      v: 1,
      streamId: draft.streamId,
      treeSize,
      root: hexOf(merkleRoot(nodeCrypto, leaves.slice(0, treeSize))),
      status,
      final: ['committed', 'rejected', 'compensated', 'stuck', 'closed'].includes(status),
      ...(previousSeal === undefined ? {} : { previousSeal }),
      at: timeOf(treeSize),
    });
    previousSeal = sealDigest(nodeCrypto, statement);
    return signerAt(signers, index).seal(statement);
  });
  const used = new Set(draft.seals.map((_, index) => signerAt(signers, index)));
  const keys = [...used]
    .sort((one, other) => (one.keyId < other.keyId ? -1 : 1))
    .map(({ spki }) => ({ publicKey: spki }));
  return { streamId: draft.streamId, records, seals, keys, contents: {} };
}

function signerAt(signers: readonly TestKey[], index: number): TestKey {
  return (signers[index] ?? signers.at(-1)) as TestKey;
}

/** What a record says beside its place in the stream. */
export interface Telling {
  readonly kind: string;
  readonly data: JsonObject;
  readonly epoch?: number;
  readonly stepIndex?: number;
  readonly attempt?: number;
}

/** Records of a stream, numbered in order. */
export function recordsOf(
  tellings: readonly Telling[],
  streamId: string = STREAM_ID,
): readonly EvidenceRecord[] {
  return tellings.map(({ kind, data, epoch = 1, ...step }, seq) => ({
    v: 1,
    streamId,
    seq,
    kind,
    at: timeOf(seq),
    epoch,
    ...step,
    actor: kind === 'proposed' ? 'agent:iam-auditor' : 'control-plane',
    data,
    observations:
      kind === 'claimed'
        ? [{ port: 'clock.now', requestDigest: digestOf({}), answer: START + seq }]
        : [],
  }));
}

/** A record without its place, for a draft that is numbered anew. */
export function tellingOf(record: EvidenceRecord): Telling {
  const { kind, data, epoch, stepIndex, attempt } = record;
  return {
    kind,
    data,
    epoch,
    ...(stepIndex === undefined ? {} : { stepIndex }),
    ...(attempt === undefined ? {} : { attempt }),
  };
}

function timeOf(seq: number): string {
  return new Date(START + 1000 * seq).toISOString();
}
