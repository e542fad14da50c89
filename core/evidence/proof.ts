import { areEqual } from './bytes.ts';
import type { Hasher } from './merkle.ts';
import { nodeHash } from './merkle.ts';

const HASH_BYTES = 32;

/** That a leaf stands at an index of the tree with this root. */
export interface InclusionClaim {
  readonly leaf: Uint8Array;
  readonly leafIndex: number;
  readonly treeSize: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** RFC 9162, 2.1.3.2: true only if the proof shows the claim. */
export function verifyInclusion(hasher: Hasher, claim: InclusionClaim): boolean {
  const { leaf, leafIndex, treeSize, root, proof } = claim;
  if (!isSize(leafIndex) || !isSize(treeSize) || leafIndex >= treeSize) return false;
  if (![leaf, root, ...proof].every(isHash)) return false;
  let index = leafIndex;
  let last = treeSize - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (index % 2 === 1 || index === last) {
      hash = nodeHash(hasher, sibling, hash);
      [index, last] = upPastLeftEdges(index, last);
    } else {
      hash = nodeHash(hasher, hash, sibling);
    }
    index = half(index);
    last = half(last);
  }
  return last === 0 && areEqual(hash, root);
}

/** That the tree of `size1` is a prefix of the tree of `size2`. */
export interface ConsistencyClaim {
  readonly size1: number;
  readonly size2: number;
  readonly root1: Uint8Array;
  readonly root2: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** RFC 9162, 2.1.4.2: true only if the proof shows the claim. An empty first tree shows nothing
 * and is refused. */
export function verifyConsistency(hasher: Hasher, claim: ConsistencyClaim): boolean {
  const { size1, size2, root1, root2, proof } = claim;
  if (!isSize(size1) || !isSize(size2) || size1 === 0 || size1 > size2) return false;
  if (size1 === size2) return proof.length === 0 && areEqual(root1, root2);
  if (![root1, root2, ...proof].every(isHash)) return false;
  if (proof.length === 0) return false;
  const path = isPowerOfTwo(size1) ? [root1, ...proof] : proof;
  let index = size1 - 1;
  let last = size2 - 1;
  while (index % 2 === 1) {
    index = half(index);
    last = half(last);
  }
  const [start, ...siblings] = path as [Uint8Array, ...Uint8Array[]];
  let hash1 = start;
  let hash2 = start;
  for (const sibling of siblings) {
    if (last === 0) return false;
    if (index % 2 === 1 || index === last) {
      hash1 = nodeHash(hasher, sibling, hash1);
      hash2 = nodeHash(hasher, sibling, hash2);
      [index, last] = upPastLeftEdges(index, last);
    } else {
      hash2 = nodeHash(hasher, hash2, sibling);
    }
    index = half(index);
    last = half(last);
  }
  return last === 0 && areEqual(hash1, root1) && areEqual(hash2, root2);
}

function upPastLeftEdges(index: number, last: number): [number, number] {
  let [up, end] = [index, last];
  while (up % 2 === 0 && up !== 0) {
    up = half(up);
    end = half(end);
  }
  return [up, end];
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES;
}

function isPowerOfTwo(value: number): boolean {
  return 2 ** Math.floor(Math.log2(value)) === value;
}
