import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { bytesOfHex, bytesOfText, hexOf } from '../../../core/evidence/bytes.ts';
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  merkleRoot,
  merkleTree,
  nodeHash,
} from '../../../core/evidence/merkle.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { verifyConsistency, verifyInclusion } from '../../../core/evidence/proof.ts';
import { say, sharedVectors } from './support/shared-vectors.ts';

interface RootVector {
  readonly desc: string;
  readonly entriesHex: readonly string[];
  readonly root: string;
}

function leavesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) =>
    leafHash(nodeCrypto, bytesOfText(`leaf ${index}`)),
  );
}

/** The definition of RFC 9162, 2.1.1, word for word. */
function definedRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return nodeCrypto.sha256(new Uint8Array(0));
  if (leaves.length === 1) return first;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(
    nodeCrypto,
    definedRoot(leaves.slice(0, split)),
    definedRoot(leaves.slice(split)),
  );
}

function decoded(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

describe('merkle tree', () => {
  it('has the roots of our own vectors', () => {
    const vectors: RootVector[] = JSON.parse(
      readFileSync('test/vectors/merkle-roots.json', 'utf8'),
    );

    for (const { entriesHex, root } of vectors) {
      const leaves = entriesHex.map((hex) => leafHash(nodeCrypto, bytesOfHex(hex)));
      expect(hexOf(merkleRoot(nodeCrypto, leaves))).toBe(root);
    }
    expect(vectors.length).toBeGreaterThanOrEqual(4);
  });

  it('grows to the root of the definition at every size', () => {
    const leaves = leavesOf(130);
    const tree = merkleTree(nodeCrypto);

    for (let size = 0; size <= leaves.length; size++) {
      expect(hexOf(tree.root())).toBe(hexOf(definedRoot(leaves.slice(0, size))));
      expect(tree.size()).toBe(size);
      tree.append(leaves[size] ?? new Uint8Array(32));
    }
  });

  it('proves every leaf of every size up to 33, and no other leaf or index', () => {
    for (let size = 1; size <= 33; size++) {
      const leaves = leavesOf(size);
      const root = merkleRoot(nodeCrypto, leaves);
      leaves.forEach((leaf, leafIndex) => {
        const proof = inclusionProof(nodeCrypto, leaves, leafIndex);
        const claim = { leaf, leafIndex, treeSize: size, root, proof };

        expect(verifyInclusion(nodeCrypto, claim)).toBe(true);
        expect(verifyInclusion(nodeCrypto, { ...claim, leaf: root })).toBe(size === 1);
        expect(verifyInclusion(nodeCrypto, { ...claim, leafIndex: leafIndex + 1 })).toBe(false);
        expect(verifyInclusion(nodeCrypto, { ...claim, proof: [...proof, root] })).toBe(false);
      });
    }
  });

  it('proves every prefix of every size up to 33, and no other root', () => {
    for (let size2 = 1; size2 <= 33; size2++) {
      const leaves = leavesOf(size2);
      const root2 = merkleRoot(nodeCrypto, leaves);
      for (let size1 = 1; size1 <= size2; size1++) {
        const root1 = merkleRoot(nodeCrypto, leaves.slice(0, size1));
        const proof = consistencyProof(nodeCrypto, leaves, size1);
        const claim = { size1, size2, root1, root2, proof };

        expect(verifyConsistency(nodeCrypto, claim)).toBe(true);
        expect(verifyConsistency(nodeCrypto, { ...claim, root1: nodeCrypto.sha256(root1) })).toBe(
          false,
        );
        expect(verifyConsistency(nodeCrypto, { ...claim, proof: [...proof, root1] })).toBe(false);
      }
    }
  });

  it('makes no proof for what is not in the tree', () => {
    const leaves = leavesOf(3);

    expect(() => inclusionProof(nodeCrypto, leaves, 3)).toThrow('no proof');
    expect(() => inclusionProof(nodeCrypto, leaves, -1)).toThrow('no proof');
    expect(() => consistencyProof(nodeCrypto, leaves, 0)).toThrow('no proof');
    expect(() => consistencyProof(nodeCrypto, leaves, 4)).toThrow('no proof');
  });
});

describe('the shared proof vectors', () => {
  it('judges every inclusion vector as told', () => {
    const files = sharedVectors('merkle/inclusion');
    let refused = 0;
    for (const { path, bytes } of files) {
      const vector = JSON.parse(bytes.toString('utf8'));
      const answer = verifyInclusion(nodeCrypto, {
        leaf: decoded(vector.leafHash ?? ''),
        leafIndex: vector.leafIdx,
        treeSize: vector.treeSize,
        root: decoded(vector.root ?? ''),
        proof: (vector.proof ?? []).map(decoded),
      });
      expect(`${path}: ${answer}`).toBe(`${path}: ${!vector.wantErr}`);
      if (!answer) refused++;
    }
    say(`inclusion vectors: ${files.length} ran, ${refused} refused as they must`);
  });

  it('judges every consistency vector as told', () => {
    const files = sharedVectors('merkle/consistency');
    let refused = 0;
    for (const { path, bytes } of files) {
      const vector = JSON.parse(bytes.toString('utf8'));
      const answer = verifyConsistency(nodeCrypto, {
        size1: vector.size1,
        size2: vector.size2,
        root1: decoded(vector.root1 ?? ''),
        root2: decoded(vector.root2 ?? ''),
        proof: (vector.proof ?? []).map(decoded),
      });
      expect(`${path}: ${answer}`).toBe(`${path}: ${!vector.wantErr}`);
      if (!answer) refused++;
    }
    say(`consistency vectors: ${files.length} ran, ${refused} refused as they must`);
  });
});
