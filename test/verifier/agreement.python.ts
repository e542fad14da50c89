import { describe, expect, test } from '@jest/globals';
import type { Bundle } from '../../core/evidence/index.ts';
import { bundleBytes } from '../../core/evidence/index.ts';
import type { Draft } from '../unit/evidence/support/draft.ts';
import { bundleOf, testKey } from '../unit/evidence/support/draft.ts';
import { logged, logKey } from '../unit/evidence/support/log.ts';
import { say } from '../unit/evidence/support/shared-vectors.ts';
import {
  committedDraft,
  compensatedDraft,
  controlDraft,
  openDraft,
  rejectedDraft,
  resolvedDraft,
  stuckDraft,
} from '../unit/evidence/support/story.ts';
import { compare } from './compare.ts';
import { ENDING_NAMES, engineDraft } from './engine-drafts.ts';
import type { NamedFile } from './python.ts';
import { retoldOf } from './retold.ts';

/** Changes of two things at a time, for each draft. */
const PAIRS = 300;
const SEED = 20261125;

const TOLD: readonly (readonly [string, Draft])[] = [
  ['committed', committedDraft(2)],
  ['compensated', compensatedDraft(3)],
  ['rejected', rejectedDraft()],
  ['stuck', stuckDraft()],
  ['resolved', resolvedDraft()],
  ['open', openDraft()],
  ['control', controlDraft()],
];

describe('both verifiers say the same, check by check', () => {
  test('of honest bundles, whoever the reader trusts', async () => {
    const drafts = [...TOLD];
    for (const name of ENDING_NAMES) drafts.push([name, await engineDraft(name)]);
    const files = drafts.flatMap(([name, draft]) => readersOf(name, bundleOf(draft)));

    const compared = await compare(files);

    expect(compared.differences).toEqual([]);
    expect(compared.ok).toEqual(
      drafts
        .filter(([name]) => name !== 'open')
        .flatMap(([name]) => [`${name}, to who trusts the log`, `${name}, to who pinned it`]),
    );
  });

  test.each(TOLD)('of %s told otherwise by the owner of the key', async (name, draft) => {
    await expectSame(name, draft);
  });

  test.each(ENDING_NAMES)('of %s told otherwise by the owner of the key', async (name) => {
    await expectSame(name, await engineDraft(name));
  });
});

/** Every telling is judged alike; some contradict themselves, and some do not. */
async function expectSame(name: string, draft: Draft): Promise<void> {
  const files = retoldOf(name, draft, { seed: SEED, pairs: PAIRS });

  const compared = await compare(files);

  const { total, outcomes, differences } = compared;
  const counts = Object.entries(outcomes).map(([answer, count]) => `${count} ${answer}`);
  say(`told otherwise: ${total} (${name}), outcome ${counts.join(', ')}, seed ${SEED}`);
  expect(differences).toEqual([]);
}

/** A bundle as several readers see it. */
function readersOf(name: string, unlogged: Bundle): readonly NamedFile[] {
  const { bundle, pinned } = logged(unlogged);
  const bytes = bundleBytes(bundle);
  const sealer = { trustedKeyIds: [testKey.keyId] };
  const log = { trustedKeyIds: [logKey.keyId] };
  return [
    { name: `${name}, in no log`, bytes: bundleBytes(unlogged), trust: sealer },
    { name: `${name}, to who trusts nobody`, bytes, trust: { trustedKeyIds: [] } },
    { name: `${name}, to who trusts who sealed`, bytes, trust: sealer },
    { name: `${name}, to who trusts the log`, bytes, trust: log },
    { name: `${name}, to who pinned it`, bytes, trust: { ...log, checkpoint: pinned } },
    { name: `${name}, to who pinned nonsense`, bytes, trust: { ...log, checkpoint: 'none' } },
  ];
}
