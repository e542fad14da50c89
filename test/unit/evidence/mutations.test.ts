import { describe, expect, it } from '@jest/globals';
import type { Bundle, Trust } from '../../../core/evidence/index.ts';
import { bundleBytes, openEnvelope, sealEnvelope } from '../../../core/evidence/index.ts';
import type { Draft } from './support/draft.ts';
import { bundleOf, testKey } from './support/draft.ts';
import { makeKey, malleate } from './support/key.ts';
import { logged, logKey } from './support/log.ts';
import { logForgeries } from './support/log-forgeries.ts';
import { mutateBundle, verdictOf } from './support/mutations.ts';
import { say } from './support/shared-vectors.ts';
import { committedDraft, compensatedDraft, resolvedDraft } from './support/story.ts';

const MUTATIONS_MIN = 4000;
const FORGERIES_MIN = 30;
const TRUST = { trustedKeyIds: [logKey.keyId] };

const BUNDLES: readonly (readonly [string, Bundle])[] = [
  ['a committed transaction of 5 steps', bundleOf(committedDraft())],
  ['a compensated transaction of 3 steps', bundleOf(compensatedDraft(3))],
  ['a resolved one, its key rotated', bundleOf(resolvedDraft(), testKey, makeKey())],
];

/** Counts the files that are refused; says which are not, and for how many reasons they are. */
function refuse(
  files: Iterable<{ readonly name: string; readonly bytes: Uint8Array; readonly trust?: Trust }>,
  reader: Trust,
  honest: Buffer = Buffer.alloc(0),
) {
  const survivors: string[] = [];
  const reasons = new Set<string>();
  let count = 0;
  for (const { name, bytes, trust } of files) {
    count++;
    const { ok, reason } = verdictOf(bytes, trust ?? reader);
    if (ok || honest.equals(bytes)) survivors.push(name);
    reasons.add(reason.replaceAll(/\d+|`[^`]*`|[0-9a-f]{64}/g, '_'));
  }
  return { survivors, count, reasons: reasons.size };
}

describe('a bundle that somebody without the keys has changed', () => {
  it.each(BUNDLES)('is never ok: %s', (what, unlogged) => {
    const { bundle, pinned } = logged(unlogged);
    const trust = { ...TRUST, checkpoint: pinned };
    const honest = Buffer.from(bundleBytes(bundle));

    const { survivors, count, reasons } = refuse(mutateBundle(bundle), trust, honest);

    say(`evidence mutations: killed ${count - survivors.length} / ${count} (${what})`);
    expect(verdictOf(honest, trust)).toEqual({ ok: true, reason: 'verified' });
    expect(survivors).toEqual([]);
    expect(count).toBeGreaterThan(MUTATIONS_MIN);
    // One check that catches everything would hide that the others do nothing.
    expect(reasons).toBeGreaterThan(25);
  });

  it('is not ok either when its reader trusts the keys that seal too', () => {
    const { bundle, pinned } = logged(bundleOf(committedDraft(1)));
    const trust = { trustedKeyIds: [logKey.keyId, testKey.keyId], checkpoint: pinned };
    const honest = Buffer.from(bundleBytes(bundle));

    const { survivors, count } = refuse(mutateBundle(bundle), trust, honest);

    say(`evidence mutations: killed ${count - survivors.length} / ${count} (both keys trusted)`);
    expect(survivors).toEqual([]);
  });
});

describe('a bundle that somebody with a key has forged', () => {
  const OTHER = { ...compensatedDraft(3), streamId: 'tx:another' };
  const other: Draft = {
    ...OTHER,
    records: OTHER.records.map((record) => ({ ...record, streamId: 'tx:another' })),
  };
  it.each([
    ['a committed transaction', committedDraft()],
    ['a resolved one', resolvedDraft()],
  ])('is never ok to who trusts the log alone: %s', (what, draft) => {
    const { survivors, count, reasons } = refuse(logForgeries(draft, other), TRUST);

    say(`evidence forgeries: killed ${count - survivors.length} / ${count} (${what})`);
    expect(survivors).toEqual([]);
    expect(count).toBeGreaterThan(FORGERIES_MIN);
    expect(reasons).toBeGreaterThan(8);
  });
});

describe('a bundle that is another file and says the same', () => {
  it('may carry the twin of an ECDSA signature: it is by the same key over the same bytes', () => {
    const { bundle } = logged(bundleOf(committedDraft()));
    const seals = bundle.seals.map((envelope) => {
      const opened = openEnvelope(envelope);
      return sealEnvelope({ ...opened, signature: malleate(opened.signature) });
    });
    const malleated: Bundle = { ...bundle, seals };

    expect(bundleBytes(malleated)).not.toEqual(bundleBytes(bundle));
    expect(verdictOf(bundleBytes(malleated), TRUST).ok).toBe(true);
  });

  it('may carry signatures of witnesses on its checkpoint, which are ignored', () => {
    const { bundle } = logged(bundleOf(committedDraft()));
    const checkpoint = `${bundle.log?.checkpoint}\u2014 witness.example AQIDBAU=\n`;
    const witnessed = { ...bundle, log: { ...bundle.log, checkpoint } } as Bundle;

    expect(verdictOf(bundleBytes(witnessed), TRUST).ok).toBe(true);
  });
});
