import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesOfText, hexOf } from '../../../core/evidence/bytes.ts';
import {
  growLog,
  type LogEdge,
  type LogNode,
  type ReadNodes,
  readConsistencyProof,
  readInclusionProof,
} from '../../../core/evidence/log-tree.ts';
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  merkleRoot,
} from '../../../core/evidence/merkle.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { verifyConsistency, verifyInclusion } from '../../../core/evidence/proof.ts';
import { say } from './support/shared-vectors.ts';

const SEED = 20261127;
const SIZE_MAX = 70;
const EMPTY: LogEdge = { size: 0, frontier: [] };
const LEAVES = Array.from({ length: 3000 }, (_, index) =>
  leafHash(nodeCrypto, bytesOfText(`entry ${index}`)),
);

/** The stored nodes of a log, and how many were read. */
function storeOf(nodes: readonly LogNode[]): { readNodes: ReadNodes; reads: () => number } {
  const stored = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  let reads = 0;
  return {
    reads: () => reads,
    async readNodes(places) {
      reads += places.length;
      return places.map(({ level, index }) => {
        const hash = stored.get(`${level}/${index}`);
        if (hash === undefined) throw new Error(`no node ${level}/${index}`);
        return hash;
      });
    },
  };
}

const nodesOf = (size: number) => growLog(nodeCrypto, EMPTY, LEAVES.slice(0, size)).nodes;
const namesOf = (nodes: readonly LogNode[]) =>
  nodes.map(({ level, index, hash }) => `${level}/${index} ${hexOf(hash)}`).join('\n');
const rootAt = (size: number) => merkleRoot(nodeCrypto, LEAVES.slice(0, size));

describe('a log that grows', () => {
  it('has the root over all leaves at every size, however it came there', () => {
    for (let size = 0; size <= SIZE_MAX; size += 1) {
      const root = hexOf(rootAt(size));
      const nodes = namesOf(nodesOf(size));
      for (let from = 0; from <= size; from += 1) {
        const before = growLog(nodeCrypto, EMPTY, LEAVES.slice(0, from));
        const after = growLog(nodeCrypto, before, LEAVES.slice(from, size));

        expect(after.size).toBe(size);
        expect(hexOf(after.root)).toBe(root);
        expect(namesOf([...before.nodes, ...after.nodes])).toBe(nodes);
      }
    }
  });

  it('names every whole node once, each with the root of its leaves', () => {
    const nodes = nodesOf(SIZE_MAX);

    for (const { level, index, hash } of nodes) {
      const count = 2 ** level;
      const leaves = LEAVES.slice(index * count, (index + 1) * count);
      expect(hexOf(hash)).toBe(hexOf(merkleRoot(nodeCrypto, leaves)));
    }
    const whole = [0, 1, 2, 3, 4, 5, 6].map((level) => Math.floor(SIZE_MAX / 2 ** level));
    expect(nodes).toHaveLength(whole.reduce((sum, count) => sum + count));
    expect(new Set(nodes.map(({ level, index }) => `${level}/${index}`)).size).toBe(nodes.length);
  });

  it('does not grow from a frontier of another size', () => {
    const { frontier } = growLog(nodeCrypto, EMPTY, LEAVES.slice(0, 3));

    expect(() => growLog(nodeCrypto, { size: 4, frontier }, LEAVES.slice(4, 5))).toThrow(
      expect.objectContaining({ code: 'log-edge' }),
    );
  });
});

describe('a proof from stored nodes', () => {
  it('of inclusion is the one over all leaves, for every entry of every size', async () => {
    const { readNodes } = storeOf(nodesOf(SIZE_MAX));
    for (let size = 1; size <= SIZE_MAX; size += 1) {
      const leaves = LEAVES.slice(0, size);
      for (let position = 0; position < size; position += 1) {
        const proof = await readInclusionProof(nodeCrypto, { position, size }, readNodes);

        expect(proof).toEqual(inclusionProof(nodeCrypto, leaves, position));
      }
    }
  });

  it('of consistency is the one over all leaves, for every two sizes', async () => {
    const { readNodes } = storeOf(nodesOf(SIZE_MAX));
    for (let size2 = 1; size2 <= SIZE_MAX; size2 += 1) {
      const leaves = LEAVES.slice(0, size2);
      for (let size1 = 1; size1 <= size2; size1 += 1) {
        const proof = await readConsistencyProof(nodeCrypto, { size1, size2 }, readNodes);

        expect(proof).toEqual(consistencyProof(nodeCrypto, leaves, size1));
      }
    }
  });

  it('holds at larger sizes and reads few nodes', async () => {
    say(`log proofs: seed ${SEED}`);
    const nodes = nodesOf(LEAVES.length);
    const sizes = fc.tuple(fc.integer({ min: 2, max: LEAVES.length }), fc.nat(), fc.nat());
    const property = fc.asyncProperty(sizes, async ([size, some, other]) => {
      const { readNodes, reads } = storeOf(nodes);
      const position = some % size;
      const size1 = (other % (size - 1)) + 1;
      const root = rootAt(size);
      const inclusion = await readInclusionProof(nodeCrypto, { position, size }, readNodes);
      const sizesOfProof = { size1, size2: size };
      const consistency = await readConsistencyProof(nodeCrypto, sizesOfProof, readNodes);

      const leaf = LEAVES[position] as Uint8Array;
      const included = { leaf, leafIndex: position, treeSize: size, root, proof: inclusion };
      const roots = { root1: rootAt(size1), root2: root };
      expect(verifyInclusion(nodeCrypto, included)).toBe(true);
      expect(verifyConsistency(nodeCrypto, { ...sizesOfProof, ...roots, proof: consistency })).toBe(
        true,
      );
      expect(reads()).toBeLessThanOrEqual(4 * (Math.ceil(Math.log2(size)) + 1));
    });
    await fc.assert(property, { seed: SEED, numRuns: 150 });
  });

  it.each([
    { position: 3, size: 3 },
    { position: -1, size: 3 },
    { position: 0.5, size: 3 },
    { position: 0, size: 0 },
  ])('of an entry that is not there does not exist: %j', async (wanted) => {
    const { readNodes } = storeOf(nodesOf(3));

    await expect(readInclusionProof(nodeCrypto, wanted, readNodes)).rejects.toMatchObject({
      code: 'proof-range',
    });
  });

  it.each([
    { size1: 0, size2: 3 },
    { size1: 4, size2: 3 },
    { size1: 1.5, size2: 3 },
  ])('between sizes that are no prefix does not exist: %j', async (wanted) => {
    const { readNodes } = storeOf(nodesOf(3));

    await expect(readConsistencyProof(nodeCrypto, wanted, readNodes)).rejects.toMatchObject({
      code: 'proof-range',
    });
  });
});
