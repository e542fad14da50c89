import { describe, expect, it } from '@jest/globals';
import { strictBytes } from '../../../core/evidence/canonical.ts';
import type { Bundle, EvidenceRecord, Seal } from '../../../core/evidence/index.ts';
import {
  openEnvelope,
  parseSeal,
  sealStatement,
  verifyBundle,
} from '../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import type { Draft } from './support/draft.ts';
import { bundleOf, testKey } from './support/draft.ts';
import { makeKey } from './support/key.ts';
import { committedDraft, openDraft, resolvedDraft } from './support/story.ts';

const otherKey = makeKey();
const TRUST = { trustedKeyIds: [testKey.keyId] };

function verdictOf(bundle: Bundle) {
  return verifyBundle(nodeCrypto, bundle, TRUST);
}

/** The draft's owner writes one record otherwise and seals it. */
function rewritten(draft: Draft, seq: number, change: Partial<EvidenceRecord>): Draft {
  const records = draft.records.map((record) =>
    record.seq === seq ? { ...record, ...change } : record,
  );
  return { ...draft, records };
}

/** The key's owner signs another statement in place of a seal. */
function resealed(bundle: Bundle, index: number, change: (seal: Seal) => unknown): Bundle {
  const seals = bundle.seals.map((envelope, at) => {
    if (at !== index) return envelope;
    const seal = change(parseSeal(openEnvelope(envelope).statement));
    return testKey.seal(sealStatement(seal as Seal));
  });
  return { ...bundle, seals };
}

describe('the integrity check', () => {
  const bundle = bundleOf(committedDraft());
  const integrityOf = (changed: Bundle) => verdictOf(changed).integrity;

  it('fails for a record that is not in canonical form', () => {
    const spaced = new TextEncoder().encode(
      JSON.stringify(JSON.parse(new TextDecoder().decode(bundle.records[3])), null, 1),
    );

    const check = integrityOf({ ...bundle, records: bundle.records.with(3, spaced) });

    expect(check).toEqual({ ok: false, reason: 'record 3: bytes are not the RFC 8785 form' });
  });

  it('fails for a record of another stream, sealed or not', () => {
    const foreign = rewritten(committedDraft(), 4, { streamId: 'tx:other' });

    const check = integrityOf(bundleOf(foreign));

    expect(check).toEqual({ ok: false, reason: 'record 4: belongs to stream `tx:other`' });
  });

  it('fails for a sequence number that is not the next, sealed or not', () => {
    const check = integrityOf(bundleOf(rewritten(committedDraft(), 4, { seq: 5 })));

    expect(check).toEqual({ ok: false, reason: 'record 4: has the sequence number 5' });
  });

  it('fails for an epoch that goes down, sealed or not', () => {
    const check = integrityOf(bundleOf(rewritten(committedDraft(), 4, { epoch: 3 })));

    expect(check).toEqual({ ok: false, reason: 'record 5: falls back to epoch 1 after 3' });
  });

  it('fails for another root at any seal, not only at the last', () => {
    for (const index of [0, 1]) {
      const other = resealed(bundle, index, (seal) => ({ ...seal, root: '0'.repeat(64) }));
      const alone = { ...other, seals: index === 0 ? [other.seals[0] as never] : other.seals };

      const check = integrityOf(alone);

      expect(check.ok).toBe(false);
      expect(check.reason).toMatch(/^seal \d: the root over its \d+ records is another$/);
    }
  });

  it('fails for a seal over more records than there are', () => {
    const check = integrityOf({ ...bundle, records: bundle.records.slice(0, -1) });

    expect(check).toEqual({ ok: false, reason: 'seal 1: covers 30 records, 29 are here' });
  });

  it('fails for a seal of another stream', () => {
    const mine = bundleOf(openDraft());
    const foreign = resealed(mine, 0, (seal) => ({ ...seal, streamId: 'tx:other' }));

    expect(integrityOf(foreign).reason).toBe('seal 0: belongs to stream `tx:other`');
  });

  it('fails for seals that do not name the one before them', () => {
    const unchained = resealed(bundle, 1, ({ previousSeal, ...seal }) => seal);
    const chained = resealed(bundle, 0, (seal) => ({ ...seal, previousSeal: 'a'.repeat(64) }));

    expect(integrityOf(unchained).reason).toBe('seal 1: does not name the seal before it');
    expect(integrityOf(chained).reason).toBe('seal 0: does not name the seal before it');
  });

  it('fails for a dropped, doubled or swapped seal', () => {
    const [first, second] = bundle.seals as [never, never];

    for (const seals of [
      [second],
      [second, first],
      [first, first, second],
      [first, second, second],
    ])
      expect(integrityOf({ ...bundle, seals }).reason).toMatch(/does not name the seal before it$/);
  });

  it('fails for a chained seal that covers no more than the one before it', () => {
    const twice = bundleOf({
      ...committedDraft(),
      seals: [
        { status: 'parked', uncovered: 5 },
        { status: 'running', uncovered: 5 },
      ],
    });

    expect(integrityOf(twice).reason).toBe(
      'seal 1: covers no more records than the seal before it',
    );
  });

  it('fails for a seal after a final one, unless a stuck one is resolved', () => {
    for (const status of ['committed', 'stuck'] as const) {
      const twice = bundleOf({
        ...committedDraft(),
        seals: [
          { status, uncovered: 5 },
          { status: 'committed', uncovered: 0 },
        ],
      });

      expect(integrityOf(twice).reason).toBe(`seal 1: follows the final seal \`${status}\``);
    }
    expect(integrityOf(bundleOf(resolvedDraft())).ok).toBe(true);
  });

  it('fails for a second resolution: what is stuck is sealed once more, and no more', () => {
    const { seals, ...draft } = resolvedDraft();
    const again = [...seals.map((seal) => ({ ...seal, uncovered: seal.uncovered + 1 })), ...seals];

    const check = integrityOf(bundleOf({ ...draft, seals: again.toSpliced(1, 1) }));

    expect(check.reason).toBe('seal 2: follows the final seal `stuck`');
  });

  it('fails for a signed statement that is not a seal', () => {
    const statement = strictBytes({ _type: 'other' });

    const check = integrityOf({ ...bundle, seals: [testKey.seal(statement)] });

    expect(check).toEqual({ ok: false, reason: 'seal 0: not a seal statement' });
  });

  it('fails for a content that is not the one of its digest', () => {
    const digest = testKey.keyId;
    const whole = integrityOf({ ...bundle, contents: { [digest]: testKey.spki } });
    const broken = integrityOf({ ...bundle, contents: { [digest]: new Uint8Array(2) } });

    expect(whole.ok).toBe(true);
    expect(broken).toEqual({ ok: false, reason: `content \`${digest}\` has another digest` });
  });

  it('leaves everything but the signer unjudged once it failed', () => {
    const { records } = bundle;
    const verdict = verdictOf({ ...bundle, records: records.with(0, records[1] as never) });

    expect(verdict.ok).toBe(false);
    expect(verdict.signer.ok).toBe(true);
    expect([verdict.complete.ok, verdict.outcome.ok]).toEqual(['unknown', 'unknown']);
  });

  it('fails for a key that no seal names, one that is there twice, and another order', () => {
    const rotated = bundleOf(committedDraft(), testKey, otherKey);
    const [first, second] = rotated.keys as [never, never];

    expect(integrityOf(rotated).ok).toBe(true);
    expect(integrityOf({ ...bundle, keys: rotated.keys }).reason).toBe(
      `no seal names the key ${otherKey.keyId}`,
    );
    expect(integrityOf({ ...bundle, seals: [] }).reason).toBe(
      `no seal names the key ${testKey.keyId}`,
    );
    expect(integrityOf({ ...rotated, keys: [first, first, second] }).reason).toBe(
      'the bundle holds a key twice',
    );
    expect(integrityOf({ ...rotated, keys: [second, first] }).reason).toBe(
      'the keys are not sorted by their ids',
    );
  });

  it('is unknown where no seal vouches for the records', () => {
    const verdict = verdictOf({ ...bundle, seals: [], keys: [] });

    expect(verdict.integrity).toEqual({
      ok: 'unknown',
      reason: 'no seal vouches for the 30 records',
    });
    expect(verdict.signer.ok).toBe('unknown');
    expect(verdict.complete).toEqual({ ok: false, reason: 'open: there is no seal' });
    expect(verdict.outcome.ok).toBe('unknown');
  });

  it('survives an empty bundle', () => {
    const verdict = verdictOf({ ...bundle, records: [], seals: [], keys: [] });

    expect(verdict.ok).toBe(false);
    expect(verdict.outcome).toEqual({
      ok: false,
      reason: 'record 0: does not begin with `proposed`',
    });
  });
});
