import { describe, expect, it } from '@jest/globals';
import type { Bundle, Envelope, EvidenceRecord, Trust } from '../../../core/evidence/index.ts';
import { recordBytes, verifyBundle } from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { bundleOf, testKey } from './support/draft.ts';
import { makeKey } from './support/key.ts';
import { logged, logKey } from './support/log.ts';
import {
  committedDraft,
  compensatedDraft,
  controlDraft,
  openDraft,
  rejectedDraft,
  resolvedDraft,
  stuckDraft,
} from './support/story.ts';

const TRUST = { trustedKeyIds: [testKey.keyId] };

/** Of a bundle that is in no log. */
function verdictOf(bundle: Bundle, trust: Trust = TRUST) {
  return verifyBundle(nodeCrypto, bundle, trust);
}

describe('the signer check', () => {
  const bundle = bundleOf(committedDraft());

  it('fails for a signature over another statement', () => {
    const [first, second] = bundle.seals as unknown as [Envelope, Envelope];
    const mixed = { ...first, signatures: second.signatures };

    const verdict = verdictOf({ ...bundle, seals: [mixed, second] });

    expect(verdict.signer).toEqual({ ok: false, reason: 'seal 0: the signature is not valid' });
    expect(verdict.integrity.ok).toBe(false);
  });

  it('fails for another key in the bundle or in a seal', () => {
    const other = makeKey();
    const swapped = verdictOf(
      { ...bundle, keys: [{ publicKey: other.spki }] },
      { trustedKeyIds: [] },
    );
    const mixed = bundleOf(committedDraft(), other).seals[1] as Envelope;
    const seals = bundle.seals.with(1, mixed);

    expect(swapped.signer.reason).toBe('seal 0: names another key than the bundle holds');
    expect(verdictOf({ ...bundle, seals }).signer.ok).toBe(false);
  });

  it('fails for what is no envelope', () => {
    const [envelope] = bundle.seals as unknown as [Envelope];
    const other = { ...envelope, payloadType: 'text/plain' } as unknown as Envelope;

    const verdict = verdictOf({ ...bundle, seals: [other] });

    expect(verdict.signer).toEqual({ ok: false, reason: 'seal 0: not a seal envelope' });
    expect(verdict.integrity.ok).toBe(false);
  });

  it('is unknown, with the fingerprint, for a key that is not trusted', () => {
    const verdict = verdictOf(bundle, { trustedKeyIds: ['0'.repeat(64)] });

    expect(verdict.ok).toBe(false);
    expect(verdict.signer.ok).toBe('unknown');
    expect(verdict.signer.reason).toContain(testKey.keyId);
    expect(verdict.integrity.ok).toBe(true);
  });

  it('says so when the key is trusted only because it is in the bundle', () => {
    const verdict = verdictOf(bundle, { trustedKeyIds: [], trustEmbeddedKey: true });

    expect(verdict.signer.ok).toBe(true);
    expect(verdict.signer.reason).toContain('only because the bundle holds it');
  });
});

describe('the completeness check', () => {
  it('fails as open when the last seal is not final', () => {
    const verdict = verdictOf(bundleOf(openDraft()));

    expect(verdict.complete).toEqual({ ok: false, reason: 'open: the last seal says `parked`' });
    expect(verdict.outcome).toEqual({ ok: 'unknown', reason: 'open: no outcome is recorded yet' });
    expect(verdict.integrity.ok).toBe(true);
    expect(verdict.ok).toBe(false);
  });

  it('fails when records follow the last seal', () => {
    const draft = { ...resolvedDraft(), seals: [{ status: 'stuck', uncovered: 1 } as const] };

    const verdict = verdictOf(bundleOf(draft));

    expect(verdict.complete).toEqual({ ok: false, reason: '1 records follow the last seal' });
  });

  it('shows a tail cut off with its seal as open', () => {
    const bundle = bundleOf(committedDraft());

    const verdict = verdictOf({
      ...bundle,
      records: bundle.records.slice(0, 25),
      seals: bundle.seals.slice(0, 1),
    });

    expect(verdict.integrity.ok).toBe(true);
    expect(verdict.complete.ok).toBe(false);
  });

  it('is unknown without a log, however whole the stream is', () => {
    const verdict = verdictOf(bundleOf(committedDraft()));

    expect(verdict.ok).toBe(false);
    expect(verdict.complete).toEqual({
      ok: 'unknown',
      reason: 'ended as `committed` and sealed whole, but no log vouches that nothing followed',
    });
  });
});

describe('the verdict', () => {
  it.each([
    ['committed', committedDraft(), 'the records show `committed`'],
    ['committed with one step', committedDraft(1), 'the records show `committed`'],
    ['rejected', rejectedDraft(), 'the records show `rejected`'],
    ['compensated', compensatedDraft(), 'the records show `compensated`'],
    ['stuck', stuckDraft(), 'stuck: a person decides'],
    ['resolved', resolvedDraft(), 'stuck: operator:kim resolved it as restored'],
    ['control', controlDraft(), 'no outcome is claimed'],
  ])('is ok for a %s stream', (_, draft, reason) => {
    const { bundle } = logged(bundleOf(draft));

    const verdict = verdictOf(bundle, { trustedKeyIds: [logKey.keyId] });

    expect(verdict.ok).toBe(true);
    expect(verdict.outcome).toEqual({ ok: true, reason });
  });

  it('is the same for the same bundle, and changes nothing in it', () => {
    const bundle = bundleOf(compensatedDraft());
    const before = bundle.records.map((bytes) => Buffer.from(bytes).toString('hex'));

    expect(verdictOf(bundle)).toEqual(verdictOf(bundle));
    expect(bundle.records.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(before);
    expect(recordBytes(compensatedDraft().records[0] as EvidenceRecord)).toEqual(bundle.records[0]);
  });
});
