import { describe, expect, it } from '@jest/globals';
import { bytesOfText } from '../../../core/evidence/bytes.ts';
import type { Bundle, BundleLog } from '../../../core/evidence/index.ts';
import { leafHash, verifyBundle } from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { bundleOf } from './support/draft.ts';
import { makeKey } from './support/key.ts';
import { logged, logKey, noteOf } from './support/log.ts';
import { committedDraft } from './support/story.ts';

const HONEST = logged(bundleOf(committedDraft()));

describe('a checkpoint from before', () => {
  const leaves = HONEST.entries.map((one) => leafHash(nodeCrypto, one));
  const against = (checkpoint: string, bundle: Bundle = HONEST.bundle) =>
    verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [logKey.keyId], checkpoint }).complete;

  it('is continued by the bundle', () => {
    expect(against(HONEST.pinned)).toEqual({
      ok: true,
      reason:
        'ended as `committed` and sealed whole, entry 8 of 13 in the log, which continues the ' +
        'pinned one of 3',
    });
  });

  it('may be the same, or of the empty log', () => {
    expect(against(noteOf(leaves)).ok).toBe(true);
    expect(against(noteOf([])).ok).toBe(true);
  });

  it('shows a fork', () => {
    const forked = leaves.with(0, nodeCrypto.sha256(bytesOfText('another')));

    expect(against(noteOf(forked))).toEqual({
      ok: false,
      reason: 'the log is forked: its root at 13 entries is not the pinned one',
    });
    expect(against(noteOf(forked.slice(0, 3)))).toEqual({
      ok: false,
      reason: 'the log does not continue the pinned checkpoint of 3 entries',
    });
  });

  it('leaves unknown what no proof shows', () => {
    const { consistency: _, ...log } = HONEST.bundle.log as BundleLog;

    expect(against(noteOf(leaves.slice(0, 2))).ok).toBe('unknown');
    expect(against(HONEST.pinned, { ...HONEST.bundle, log })).toEqual({
      ok: 'unknown',
      reason: 'no proof shows that the log grew from the pinned 3 entries',
    });
    expect(against(noteOf([...leaves, ...leaves]))).toEqual({
      ok: 'unknown',
      reason:
        "the pinned checkpoint is newer than the bundle's: it has 26 entries, the bundle's 13",
    });
  });

  it('is of the same log, or nothing is shown', () => {
    expect(against(noteOf(leaves, makeKey())).ok).toBe(false);
    expect(against('none').reason).toMatch(/^the pinned checkpoint is not one of the bundle's log/);
  });
});
