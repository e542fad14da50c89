import { attempt } from './attempt.ts';
import type { Bundle } from './bundle.ts';
import { hexOf } from './bytes.ts';
import type { Hasher } from './merkle.ts';
import { leafHash, merkleTree } from './merkle.ts';
import type { EvidenceRecord } from './record.ts';
import { parseRecord, TRANSACTION_PREFIX } from './record.ts';
import type { Seal } from './seal.ts';

/** The records of a bundle as read, up to the first that is not as it must be. */
export interface RecordChain {
  readonly count: number;
  /** Only those of a transaction: nothing is asked of the contents of any other stream, which may
   * have millions. */
  readonly records: readonly EvidenceRecord[];
  /** Tree size to root, hex, for each size that a seal names. */
  readonly roots: ReadonlyMap<number, string>;
  /** Why the records do not follow each other. */
  readonly problem?: string;
}

/** Reads the records in one pass and takes the root at each size that a seal names. */
export function readRecordChain(
  hasher: Hasher,
  bundle: Pick<Bundle, 'streamId' | 'records'>,
  seals: readonly Pick<Seal, 'treeSize'>[],
): RecordChain {
  const sizes = new Set(seals.map((seal) => seal.treeSize));
  const isKept = bundle.streamId.startsWith(TRANSACTION_PREFIX);
  const records: EvidenceRecord[] = [];
  const roots = new Map<number, string>();
  const tree = merkleTree(hasher);
  let epoch = 0;
  for (const [count, bytes] of bundle.records.entries()) {
    const record = attempt(() => parseRecord(bytes));
    const problem =
      typeof record === 'string' ? record : orderProblem(record, bundle.streamId, count, epoch);
    if (typeof record === 'string' || problem !== undefined) {
      return { count, records, roots, problem: `record ${count}: ${problem}` };
    }
    epoch = record.epoch;
    if (isKept) records.push(record);
    tree.append(leafHash(hasher, bytes));
    if (sizes.has(tree.size())) roots.set(tree.size(), hexOf(tree.root()));
  }
  return { count: tree.size(), records, roots };
}

function orderProblem(
  record: EvidenceRecord,
  streamId: string,
  seq: number,
  epoch: number,
): string | undefined {
  if (record.streamId !== streamId) return `belongs to stream \`${record.streamId}\``;
  if (record.seq !== seq) return `has the sequence number ${record.seq}`;
  if (record.epoch < epoch) return `falls back to epoch ${record.epoch} after ${epoch}`;
  return undefined;
}
