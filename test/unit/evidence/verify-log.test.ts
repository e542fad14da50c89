import { describe, expect, it } from '@jest/globals';
import { bytesOfText } from '../../../core/evidence/bytes.ts';
import type { Bundle, BundleLog, Trust } from '../../../core/evidence/index.ts';
import {
  inclusionProof,
  keyStatement,
  leafHash,
  verifyBundle,
} from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { bundleOf, testKey } from './support/draft.ts';
import { makeKey } from './support/key.ts';
import { logged, logKey, logOf } from './support/log.ts';
import { committedDraft, openDraft, resolvedDraft } from './support/story.ts';

const LOG: Trust = { trustedKeyIds: [logKey.keyId] };
const SEALER: Trust = { trustedKeyIds: [testKey.keyId] };
const NOBODY: Trust = { trustedKeyIds: [] };

function verdictOf(bundle: Bundle, trust: Trust = LOG) {
  return verifyBundle(nodeCrypto, bundle, trust);
}

const HONEST = logged(bundleOf(committedDraft()));
const KEY_AT = 4;

function withLog(change: Partial<BundleLog>): Bundle {
  return { ...HONEST.bundle, log: { ...(HONEST.bundle.log as BundleLog), ...change } };
}

describe('a bundle with its log part', () => {
  it('is ok to who trusts the key of the log, and nobody else', () => {
    const verdict = verdictOf(HONEST.bundle);

    expect(verdict.ok).toBe(true);
    expect(verdict.signer.reason).toBe(
      `signed by key ${testKey.keyId}, which the trusted log ${logKey.keyId} vouches for`,
    );
    expect(verdict.complete.reason).toBe(
      'ended as `committed` and sealed whole, entry 8 of 13 in the log',
    );
  });

  it('is signed, and not known to be complete, to who trusts the key that seals alone', () => {
    const verdict = verdictOf(HONEST.bundle, SEALER);

    expect(verdict.signer).toEqual({
      ok: true,
      reason: `signed by the trusted key ${testKey.keyId}`,
    });
    expect(verdict.complete.ok).toBe('unknown');
    expect(verdict.complete.reason).toContain(logKey.keyId);
  });

  it('is unknown to who trusts nobody, and both keys are named', () => {
    const { signer, complete } = verdictOf(HONEST.bundle, NOBODY);

    expect([signer.ok, complete.ok]).toEqual(['unknown', 'unknown']);
    expect(signer.reason).toContain(testKey.keyId);
    expect(signer.reason).toContain(logKey.keyId);
  });

  it('is ok to who takes its word, and every reason says so', () => {
    const verdict = verdictOf(HONEST.bundle, { ...NOBODY, trustEmbeddedKey: true });

    expect(verdict.ok).toBe(true);
    for (const { reason } of [verdict.signer, verdict.complete])
      expect(reason).toContain('trusted only because the bundle holds it');
  });

  it('shows each key of a rotated one', () => {
    const other = makeKey();
    const { bundle } = logged(bundleOf(resolvedDraft(), testKey, other));

    const verdict = verdictOf(bundle);

    expect(verdict.ok).toBe(true);
    expect(verdict.signer.reason).toContain(testKey.keyId);
    expect(verdict.signer.reason).toContain(other.keyId);
  });

  it('is not signed by a key that the log had replaced', () => {
    const other = makeKey();
    const draft = {
      ...resolvedDraft(),
      seals: [
        { status: 'proposed', uncovered: 3 },
        { status: 'stuck', uncovered: 1 },
        { status: 'stuck', uncovered: 0 },
      ] as const,
    };
    const { bundle } = logged(bundleOf(draft, testKey, other, testKey));

    const { signer } = verdictOf(bundle);

    expect(signer).toEqual({
      ok: 'unknown',
      reason: `signed by key ${testKey.keyId}, which the log had replaced before`,
    });
  });

  it('is not complete while its last seal is not in the log', () => {
    const { bundle } = logged(bundleOf(committedDraft()), { sealsLogged: 1 });

    const verdict = verdictOf(bundle);

    expect(verdict.signer.ok).toBe(true);
    expect(verdict.complete).toEqual({
      ok: 'unknown',
      reason: 'ended as `committed` and sealed whole, but its last seal is not in the log yet',
    });
  });

  it('is open when its last seal is, though the log holds it', () => {
    const { bundle } = logged(bundleOf(openDraft()));

    expect(verdictOf(bundle).complete).toEqual({
      ok: false,
      reason: 'open: the last seal says `parked`',
    });
  });

  it('cannot see that a resolution was cut off: the log holds the seal before it', () => {
    const { bundle } = logged(bundleOf(resolvedDraft()));
    const { log } = bundle as { readonly log: BundleLog };

    const verdict = verdictOf({
      ...bundle,
      records: bundle.records.slice(0, -1),
      seals: bundle.seals.slice(0, 1),
      log: { ...log, seals: log.seals.slice(0, 1) },
    });

    expect(verdict.ok).toBe(true);
  });
});

describe('a log part that does not verify', () => {
  const [first, last] = (HONEST.bundle.log as BundleLog).seals as [never, never];
  const [key] = HONEST.bundle.keys as [NonNullable<Bundle['keys'][number]>];
  const entry = key.entry as NonNullable<typeof key.entry>;

  it.each([
    ['a checkpoint that is none', withLog({ checkpoint: 'none' }), /^not a checkpoint: /],
    ['another key', withLog({ publicKey: makeKey().spki }), /has no signature of the log's key$/],
    ['the key that seals', withLog({ publicKey: testKey.spki }), /has no signature of/],
    ['another proof', withLog({ seals: [first, first] }), /^seal 1: its proof does not show it/],
    ['a proof of another seal', withLog({ seals: [last, first] }), /^seal 0: its proof does not/],
    ['no entry of the key', { ...HONEST.bundle, keys: [{ publicKey: testKey.spki }] }, /missing$/],
    [
      'an entry elsewhere',
      { ...HONEST.bundle, keys: [{ ...key, entry: { ...entry, position: 3 } }] },
      /its proof does not show it at position 3 of the log$/,
    ],
    [
      'what is no entry of a key',
      { ...HONEST.bundle, keys: [{ ...key, entry: { ...entry, statement: bytesOfText('{}') } }] },
      /: not a key statement$/,
    ],
  ])('is neither complete nor signed: %s', (_, bundle, reason) => {
    const verdict = verdictOf(bundle);

    expect(verdict.integrity.ok).toBe(true);
    expect([verdict.signer.ok, verdict.complete.ok]).toEqual([false, false]);
    expect(verdict.complete.reason).toMatch(reason);
  });

  it('leaves a key trusted that the reader has named', () => {
    const verdict = verdictOf(withLog({ checkpoint: 'none' }), SEALER);

    expect(verdict.signer.ok).toBe(true);
    expect(verdict.complete.ok).toBe(false);
  });

  it('has one key for the log and others that seal', () => {
    const { bundle } = logged(bundleOf(committedDraft()), { key: testKey });

    expect(verdictOf(bundle, SEALER).complete).toEqual({
      ok: false,
      reason: "the log's key seals too",
    });
  });

  it('has the entry of a key before its first seal', () => {
    const late = HONEST.entries.toSpliced(KEY_AT, 1);
    const { complete, signer } = verdictOf(
      logOf(HONEST.bundle, [...late, HONEST.entries[KEY_AT] as Uint8Array]),
    );

    expect([signer.ok, complete.ok]).toEqual([false, false]);
    expect(complete.reason).toBe('seal 0: stands in the log before its key');
  });

  it('has the seals of a stream in their order', () => {
    const turned = [...HONEST.entries.slice(0, 5), ...HONEST.entries.slice(5).reverse()];

    expect(verdictOf(logOf(HONEST.bundle, turned)).complete).toEqual({
      ok: false,
      reason: 'seal 1: stands in the log before an earlier one',
    });
  });

  it('enters the key that seals, and no other', () => {
    const { keyId, spki: publicKey } = makeKey();
    const statement = keyStatement({ keyId, publicKey, at: '2026-11-25T03:00:00.000Z' });
    const entries = HONEST.entries.with(0, statement);
    const leaves = entries.map((one) => leafHash(nodeCrypto, one));
    const proof = inclusionProof(nodeCrypto, leaves, 0);
    const bundle = logOf(HONEST.bundle, entries);

    const verdict = verdictOf({
      ...bundle,
      keys: [{ ...key, entry: { position: 0, proof, statement } }],
    });

    expect(verdict.signer.reason).toBe(`key ${testKey.keyId}: its entry is of another key`);
  });
});
