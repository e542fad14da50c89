import { EvidenceError } from '../errors.ts';
import type { Crypto } from '../ports/crypto.ts';

/** The one primitive that a Merkle tree needs. */
export type Hasher = Pick<Crypto, 'sha256'>;

// Hashing ends before a function returns, so that one place serves all inputs: to allocate for each
// would cost more than the hash.
const node = new Uint8Array(65);
let leaf = new Uint8Array(4096);

/** RFC 9162, 2.1.1: SHA-256(0x00 || entry). */
export function leafHash(hasher: Hasher, entry: Uint8Array): Uint8Array {
  const length = entry.length + 1;
  if (leaf.length < length) leaf = new Uint8Array(2 * length);
  leaf.set(entry, 1);
  return hasher.sha256(leaf.subarray(0, length));
}

/** RFC 9162, 2.1.1: SHA-256(0x01 || left || right). */
export function nodeHash(hasher: Hasher, left: Uint8Array, right: Uint8Array): Uint8Array {
  node[0] = 1;
  node.set(left, 1);
  node.set(right, left.length + 1);
  return hasher.sha256(node.subarray(0, left.length + right.length + 1));
}

/** A tree that only grows; it keeps one hash for each bit of its size. */
export interface MerkleTree {
  append(leaf: Uint8Array): void;
  size(): number;
  /** RFC 9162, 2.1.1; the empty tree's is SHA-256 of nothing. */
  root(): Uint8Array;
}

/** An empty tree over leaf hashes; `append` costs one node hash amortised, `root` log2 of size. */
export function merkleTree(hasher: Hasher): MerkleTree {
  // INVARIANT: frontier[i] is the root of the i-th largest perfect subtree of the current size.
  const frontier: Uint8Array[] = [];
  let size = 0;
  return {
    append(leaf) {
      let hash = leaf;
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
        hash = nodeHash(hasher, frontier.pop() as Uint8Array, hash);
      }
      frontier.push(hash);
      size++;
    },
    size: () => size,
    root: () =>
      size === 0
        ? hasher.sha256(new Uint8Array(0))
        : frontier.reduceRight((right, left) => nodeHash(hasher, left, right)),
  };
}

/** The root over leaf hashes. */
export function merkleRoot(hasher: Hasher, leaves: readonly Uint8Array[]): Uint8Array {
  const tree = merkleTree(hasher);
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
}

/** RFC 9162, 2.1.3.1. Throws `EvidenceError` (`proof-range`) for a leaf that is not there. */
export function inclusionProof(
  hasher: Hasher,
  leaves: readonly Uint8Array[],
  leafIndex: number,
): readonly Uint8Array[] {
  requireRange(Number.isSafeInteger(leafIndex) && leafIndex >= 0 && leafIndex < leaves.length);
  if (leaves.length === 1) return [];
  const split = largestPowerOfTwoBelow(leaves.length);
  const left = leaves.slice(0, split);
  const right = leaves.slice(split);
  return leafIndex < split
    ? [...inclusionProof(hasher, left, leafIndex), merkleRoot(hasher, right)]
    : [...inclusionProof(hasher, right, leafIndex - split), merkleRoot(hasher, left)];
}

/** RFC 9162, 2.1.4.1, from the first `size` leaves to all. Throws `EvidenceError` (`proof-range`). */
export function consistencyProof(
  hasher: Hasher,
  leaves: readonly Uint8Array[],
  size: number,
): readonly Uint8Array[] {
  requireRange(Number.isSafeInteger(size) && size > 0 && size <= leaves.length);
  return subProof(hasher, leaves, size, true);
}

function subProof(
  hasher: Hasher,
  leaves: readonly Uint8Array[],
  size: number,
  isKnown: boolean,
): readonly Uint8Array[] {
  if (size === leaves.length) return isKnown ? [] : [merkleRoot(hasher, leaves)];
  const split = largestPowerOfTwoBelow(leaves.length);
  const left = leaves.slice(0, split);
  const right = leaves.slice(split);
  return size <= split
    ? [...subProof(hasher, left, size, isKnown), merkleRoot(hasher, right)]
    : [...subProof(hasher, right, size - split, false), merkleRoot(hasher, left)];
}

function largestPowerOfTwoBelow(size: number): number {
  return 2 ** (31 - Math.clz32(size - 1));
}

function requireRange(isInRange: boolean): void {
  if (!isInRange) throw new EvidenceError('proof-range', 'no proof exists for this range');
}
