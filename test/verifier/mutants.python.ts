import { describe, expect, test } from '@jest/globals';
import type { Bundle } from '../../core/evidence/index.ts';
import { bundleBytes } from '../../core/evidence/index.ts';
import { mutants } from '../evidence/mutants.ts';
import { bundleOf, testKey } from '../unit/evidence/support/draft.ts';
import { logged, logKey } from '../unit/evidence/support/log.ts';
import { mutateBundle } from '../unit/evidence/support/mutations.ts';
import { say } from '../unit/evidence/support/shared-vectors.ts';
import { committedDraft, compensatedDraft } from '../unit/evidence/support/story.ts';
import { compare } from './compare.ts';

const MUTANTS_MIN = 4000;
const LOG = [logKey.keyId];
const MORE: readonly (readonly [string, Bundle, readonly string[]])[] = [
  ['a compensated transaction', bundleOf(compensatedDraft(3)), LOG],
  ['a committed one, both keys trusted', bundleOf(committedDraft(1)), [...LOG, testKey.keyId]],
];

describe('the Python verifier', () => {
  test('takes every honest bundle and refuses every mutant, as `core/evidence` does', async () => {
    const files = [...mutants()];

    const { ok, differences } = await compare(files);

    const bad = files.filter((one) => !one.ok).length;
    const survivors = ok.length - (files.length - bad);
    say(`python verifier: killed ${bad - survivors} / ${bad}, took ${files.length - bad} honest`);
    expect(ok).toEqual(files.filter((one) => one.ok).map(({ name }) => name));
    expect(differences).toEqual([]);
    expect(bad).toBeGreaterThan(MUTANTS_MIN);
  });

  test.each(MORE)('refuses every mutant of %s', async (what, unlogged, trustedKeyIds) => {
    const { bundle, pinned } = logged(unlogged);
    const trust = { trustedKeyIds, checkpoint: pinned };
    const files = [...mutateBundle(bundle), ...otherEnds(bundleBytes(bundle))].map((one) => ({
      ...one,
      trust,
    }));

    const { ok, differences } = await compare(files);

    say(`python verifier: killed ${files.length - ok.length} / ${files.length} (${what})`);
    expect(ok).toEqual([]);
    expect(differences).toEqual([]);
  });
});

/** Another byte for the newline at the end. */
function otherEnds(bytes: Uint8Array) {
  return [' ', '\r', '}', '\0'].map((end) => ({
    name: `file that ends with ${JSON.stringify(end)}`,
    bytes: bytes.with(-1, end.charCodeAt(0)),
  }));
}
