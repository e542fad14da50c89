import type { Bundle } from './bundle.ts';
import { hexOf } from './bytes.ts';
import type { Check } from './check.ts';
import { failed, passed, unknown } from './check.ts';
import type { Hasher } from './merkle.ts';
import type { RecordChain } from './record-chain.ts';
import type { Seal } from './seal.ts';
import type { SealChain } from './seal-chain.ts';

/** Whether records and seals are whole and belong together; every seal is checked. */
export function verifyIntegrity(
  hasher: Hasher,
  bundle: Bundle,
  chain: RecordChain,
  seals: SealChain,
): Check {
  const problem =
    chain.problem ??
    seals.forgery ??
    seals.problem ??
    coverProblem(bundle.streamId, chain, seals.seals) ??
    keysProblem(bundle, seals) ??
    contentProblem(hasher, bundle);
  if (problem !== undefined) return failed(problem);
  const count = `${chain.count} records`;
  if (seals.seals.length === 0) return unknown(`no seal vouches for the ${count}`);
  return passed(`${count} match all seals (${seals.seals.length})`);
}

function coverProblem(
  streamId: string,
  chain: RecordChain,
  seals: readonly Seal[],
): string | undefined {
  for (const [index, seal] of seals.entries()) {
    const place = `seal ${index}`;
    if (seal.streamId !== streamId) return `${place}: belongs to stream \`${seal.streamId}\``;
    if (seal.treeSize > chain.count) {
      return `${place}: covers ${seal.treeSize} records, ${chain.count} are here`;
    }
    if (seal.root !== chain.roots.get(seal.treeSize)) {
      return `${place}: the root over its ${seal.treeSize} records is another`;
    }
  }
  return undefined;
}

/** One set of seals has one list of keys. */
function keysProblem(bundle: Bundle, { keys, seals }: SealChain): string | undefined {
  const named = [...new Set(seals.map(({ keyId }) => keyId))].sort();
  const held = [...keys.keys()];
  const unnamed = held.find((keyId) => !named.includes(keyId));
  if (unnamed !== undefined) return `no seal names the key ${unnamed}`;
  if (held.length !== bundle.keys.length) return 'the bundle holds a key twice';
  const isSorted = held.every((keyId, index) => keyId === named[index]);
  return isSorted ? undefined : 'the keys are not sorted by their ids';
}

function contentProblem(hasher: Hasher, bundle: Bundle): string | undefined {
  for (const [digest, bytes] of Object.entries(bundle.contents)) {
    if (hexOf(hasher.sha256(bytes)) !== digest) return `content \`${digest}\` has another digest`;
  }
  return undefined;
}
