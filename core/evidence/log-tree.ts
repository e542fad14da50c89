import { EvidenceError } from '../errors.ts';
import { type Hasher, nodeHash } from './merkle.ts';

/** A node of a log's tree over a whole power of two of leaves: level 0 is a leaf hash, and the node
 * at `index` covers the leaves from `index * 2^level` on. */
export interface NodePlace {
  readonly level: number;
  readonly index: number;
}

/** What a log grows from: its size, and the roots of its largest whole subtrees, left to right. */
export interface LogEdge {
  readonly size: number;
  readonly frontier: readonly Uint8Array[];
}

/** A node over a whole power of two of leaves. */
export interface LogNode extends NodePlace {
  readonly hash: Uint8Array;
}

/** A log after it has grown. */
export interface GrownLog extends LogEdge {
  /** RFC 9162 root. */
  readonly root: Uint8Array;
  /** Every node that became whole, leaves included. */
  readonly nodes: readonly LogNode[];
}

/** Reads the hashes of whole nodes, in the order asked for. */
export type ReadNodes = (places: readonly NodePlace[]) => Promise<readonly Uint8Array[]>;

/** Appends leaf hashes to a log of which only the edge is known. Throws `EvidenceError`
 * (`log-edge`) for a frontier that is not one of that size. */
export function growLog(hasher: Hasher, edge: LogEdge, leaves: readonly Uint8Array[]): GrownLog {
  if (edge.frontier.length !== wholeNodes({ from: 0, to: edge.size }).length)
    throw new EvidenceError('log-edge', `no log of ${edge.size} entries has this frontier`);
  const frontier = [...edge.frontier];
  const nodes: LogNode[] = [];
  let { size } = edge;
  for (const leaf of leaves) {
    let node: LogNode = { level: 0, index: size, hash: leaf };
    nodes.push(node);
    // INVARIANT: an odd index at a level has its left neighbour as the last of the frontier.
    while (node.index % 2 === 1) {
      const hash = nodeHash(hasher, frontier.pop() as Uint8Array, node.hash);
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash };
      nodes.push(node);
    }
    frontier.push(node.hash);
    size += 1;
  }
  return { size, frontier, nodes, root: rootOf(hasher, frontier) };
}

/** RFC 9162, 2.1.3.1, from stored nodes: at most two for each level are read. Throws
 * `EvidenceError` (`proof-range`) for an entry that is not there, and what `readNodes` throws. */
export async function readInclusionProof(
  hasher: Hasher,
  { position, size }: { readonly position: number; readonly size: number },
  readNodes: ReadNodes,
): Promise<readonly Uint8Array[]> {
  requireRange(isCount(position) && isCount(size) && position < size);
  const path: Range[] = [];
  let range: Range = { from: 0, to: size };
  while (range.to - range.from > 1) {
    const { left, right } = split(range);
    const isLeft = position < left.to;
    path.push(isLeft ? right : left);
    range = isLeft ? left : right;
  }
  return readRanges(hasher, path.reverse(), readNodes);
}

/** RFC 9162, 2.1.4.1, from stored nodes, likewise. Throws `EvidenceError` (`proof-range`) unless
 * 0 < `size1` <= `size2`. */
export async function readConsistencyProof(
  hasher: Hasher,
  { size1, size2 }: { readonly size1: number; readonly size2: number },
  readNodes: ReadNodes,
): Promise<readonly Uint8Array[]> {
  requireRange(isCount(size1) && isCount(size2) && size1 > 0 && size1 <= size2);
  const path: Range[] = [];
  let range: Range = { from: 0, to: size2 };
  while (range.to !== size1) {
    const { left, right } = split(range);
    const isLeft = size1 <= left.to;
    path.push(isLeft ? right : left);
    range = isLeft ? left : right;
  }
  // The first tree's own root is known to who asks.
  if (range.from > 0) path.push(range);
  return readRanges(hasher, path.reverse(), readNodes);
}

/** The leaves from one on to before another; `from` is a multiple of a power of two not below
 * their count. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** RFC 9162, 2.1.1: at the largest power of two below the count. */
function split({ from, to }: Range): { readonly left: Range; readonly right: Range } {
  const middle = from + largestPower(to - from - 1);
  return { left: { from, to: middle }, right: { from: middle, to } };
}

/** The whole nodes that make up a range, left to right. */
function wholeNodes({ from, to }: Range): readonly NodePlace[] {
  const places: NodePlace[] = [];
  let start = from;
  while (start < to) {
    const count = largestPower(to - start);
    places.push({ level: Math.log2(count), index: start / count });
    start += count;
  }
  return places;
}

/** The root of each range, by one read of all nodes. */
async function readRanges(
  hasher: Hasher,
  ranges: readonly Range[],
  readNodes: ReadNodes,
): Promise<readonly Uint8Array[]> {
  const parts = ranges.map(wholeNodes);
  const hashes = parts.length === 0 ? [] : await readNodes(parts.flat());
  let start = 0;
  return parts.map(({ length }) => {
    start += length;
    return rootOf(hasher, hashes.slice(start - length, start));
  });
}

/** The root over whole nodes, left to right; of none, the empty tree's. */
function rootOf(hasher: Hasher, nodes: readonly Uint8Array[]): Uint8Array {
  if (nodes.length === 0) return hasher.sha256(new Uint8Array(0));
  return nodes.reduceRight((right, left) => nodeHash(hasher, left, right));
}

/** The largest power of two that is not above a count. Exact below 2^53, unlike log2. */
function largestPower(count: number): number {
  let power = 1;
  while (power * 2 <= count) power *= 2;
  return power;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function requireRange(isInRange: boolean): void {
  if (!isInRange) throw new EvidenceError('proof-range', 'no proof exists for this range');
}
