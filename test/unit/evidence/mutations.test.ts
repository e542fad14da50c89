import { describe, expect, it } from '@jest/globals';
import type { Bundle, Envelope } from '../../../core/evidence/index.ts';
import { bundleBytes, openEnvelope, sealEnvelope } from '../../../core/evidence/index.ts';
import type { Draft } from './support/draft.ts';
import { bundleOf, testKey } from './support/draft.ts';
import { malleate } from './support/key.ts';
import { mutateBundle, verdictOf } from './support/mutations.ts';
import { say } from './support/shared-vectors.ts';
import { committedDraft, compensatedDraft } from './support/story.ts';

const TRUST = { trustedKeyIds: [testKey.keyId] };
const MUTATIONS_MIN = 1000;

const BUNDLES: readonly (readonly [string, Draft])[] = [
  ['a committed transaction of 5 steps', committedDraft()],
  ['a compensated transaction of 3 steps', compensatedDraft(3)],
];

describe('a bundle that somebody without the key has changed', () => {
  it.each(BUNDLES)('is never ok: %s', (what, draft) => {
    const bundle = bundleOf(draft);
    const honest = Buffer.from(bundleBytes(bundle));
    const survivors: string[] = [];
    const reasons = new Map<string, number>();
    let count = 0;
    for (const { name, bytes } of mutateBundle(bundle)) {
      count++;
      const { ok, reason } = verdictOf(bytes, TRUST);
      if (ok || honest.equals(bytes)) survivors.push(name);
      const kind = reason.replaceAll(/\d+|`[^`]*`|[0-9a-f]{64}/g, '_');
      reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
    }

    say(`evidence mutations: killed ${count - survivors.length} / ${count} (${what})`);

    expect(verdictOf(honest, TRUST)).toEqual({ ok: true, reason: 'verified' });
    expect(survivors).toEqual([]);
    expect(count).toBeGreaterThan(MUTATIONS_MIN);
    // One check that catches everything would hide that the others do nothing.
    expect(reasons.size).toBeGreaterThan(15);
  });

  it('may carry the twin of an ECDSA signature: it is by the same key over the same bytes', () => {
    const bundle = bundleOf(committedDraft());
    const twin = (envelope: Envelope): Envelope => {
      const opened = openEnvelope(envelope);
      return sealEnvelope({ ...opened, signature: malleate(opened.signature) });
    };
    const malleated: Bundle = { ...bundle, seals: bundle.seals.map(twin) };

    expect(bundleBytes(malleated)).not.toEqual(bundleBytes(bundle));
    expect(verdictOf(bundleBytes(malleated), TRUST).ok).toBe(true);
  });
});
