import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DecisionError, StaleStateError } from '../../core/errors.ts';
import { digestOf } from '../../core/hash.ts';
import type { Decision, Store, Write } from '../../core/ports/store.ts';
import type { Claim } from '../../core/transaction.ts';
import type { OpenedStore } from './store-contract.ts';
import {
  claimWrite,
  NOW_MS,
  put,
  sampleClaim,
  sampleDecision,
  shown,
  write,
} from './store-samples.ts';

type ClaimChange = Partial<Write & { write: 'claim' }>;

/** What every store promises of decisions and the claims that consume them. */
export function storeClaimsContract(name: string, open: () => OpenedStore): void {
  describe(`the claims in the store: ${name}`, () => {
    let opened: OpenedStore;
    let store: Store;
    let other: Store;
    beforeEach(async () => {
      opened = open();
      ({ store, other } = opened);
      await put(store, 'tx-1');
      await put(store, 'tx-2');
    });
    afterEach(() => opened.close());

    describe('claim', () => {
      const rows: readonly [string, string, Partial<Decision>, Partial<Claim>, ClaimChange][] = [
        ['of a decision that is not there', 'decision-unknown', {}, { decisionId: 'no' }, {}],
        ['of another step', 'decision-foreign', { stepIndex: 1 }, {}, {}],
        ['of another attempt', 'decision-foreign', { attempt: 2 }, {}, {}],
        ['of another transaction', 'decision-foreign', { transactionId: 'tx-2' }, {}, {}],
        ['of another epoch', 'decision-stale', { epoch: 1 }, {}, {}],
        ['of an expired decision', 'decision-expired', { expiresAt: NOW_MS - 1 }, {}, {}],
        ['at the very end of its decision', 'decision-expired', { expiresAt: NOW_MS }, {}, {}],
        ['for another plan', 'decision-mismatch', { planDigest: digestOf('x') }, {}, {}],
        ['for another input', 'decision-mismatch', { inputDigest: digestOf('x') }, {}, {}],
        ['for another state', 'decision-mismatch', { beforeDigest: digestOf('x') }, {}, {}],
        ['on another state', 'decision-mismatch', {}, { beforeDigest: digestOf('x') }, {}],
        ['of another kind', 'decision-kind', { kind: 'verify' as 'apply' }, {}, {}],
      ];
      it.each(rows)('is refused %s (%s)', async (_what, code, decided, claimed, changed) => {
        await write(store, 'tx-1', {
          write: 'decision',
          decision: sampleDecision('tx-1', decided),
        });
        const before = await shown(store, ['tx-1', 'tx-2'], []);

        const refused = write(other, 'tx-1', claimWrite(sampleClaim('tx-1', claimed), changed));

        await expect(refused).rejects.toBeInstanceOf(DecisionError);
        await expect(refused).rejects.toMatchObject({ code });
        expect(await shown(store, ['tx-1', 'tx-2'], [])).toEqual(before);
      });

      it('is refused when nothing is expected of the decision', async () => {
        await write(store, 'tx-1', { write: 'decision', decision: sampleDecision('tx-1') });
        const { expected: _, ...bare } = claimWrite(sampleClaim('tx-1')) as Write & {
          write: 'claim';
        };

        await expect(write(store, 'tx-1', bare)).rejects.toMatchObject({
          code: 'decision-mismatch',
        });
      });

      it('consumes its decision once', async () => {
        await write(store, 'tx-1', { write: 'decision', decision: sampleDecision('tx-1') });
        await write(store, 'tx-1', claimWrite(sampleClaim('tx-1')));

        const again = sampleClaim('tx-1', { attemptId: 'other' });
        const elsewhere = { ...again, stepIndex: 1 };

        await expect(write(other, 'tx-1', claimWrite(again))).rejects.toMatchObject({
          code: 'claim-exists',
        });
        await expect(write(other, 'tx-1', claimWrite(elsewhere))).rejects.toMatchObject({
          code: 'decision-used',
        });
        expect(await other.claims('tx-1')).toEqual([sampleClaim('tx-1')]);
        expect(await other.decision('decision-of-tx-1')).toEqual(sampleDecision('tx-1'));
      });

      it('is taken by one of two processes', async () => {
        await write(store, 'tx-1', { write: 'decision', decision: sampleDecision('tx-1') });

        const answers = await Promise.allSettled(
          [store, other].map((one, index) =>
            write(one, 'tx-1', claimWrite(sampleClaim('tx-1', { attemptId: `a-${index}` }))),
          ),
        );

        expect(answers.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(await store.claims('tx-1')).toHaveLength(1);
      });

      describe('of a compensation', () => {
        const inverse = (changed: Partial<Claim> = {}) => {
          const about = { kind: 'compensate', attemptId: 'inverse' } as const;
          const claim = sampleClaim('tx-1', { ...about, ...changed });
          return { write: 'claim', claim, now: NOW_MS } as const;
        };
        beforeEach(async () => {
          await write(store, 'tx-1', { write: 'decision', decision: sampleDecision('tx-1') });
          await write(store, 'tx-1', claimWrite(sampleClaim('tx-1')));
          await write(store, 'tx-2', { write: 'decision', decision: sampleDecision('tx-2') });
        });

        it.each<[string, string, Partial<Claim>]>([
          ['that is not there', 'decision-unknown', { decisionId: 'no' }],
          ['that no effect has used', 'decision-unused', { decisionId: 'decision-of-tx-2' }],
          ['of another step', 'decision-foreign', { stepIndex: 1 }],
          ['of another transaction', 'decision-foreign', { transactionId: 'tx-2' }],
          ['for another state', 'decision-mismatch', { beforeDigest: digestOf('x') }],
        ])('is refused by a decision %s (%s)', async (_what, code, changed) => {
          const before = await shown(store, ['tx-1', 'tx-2'], []);

          const refused = write(other, 'tx-1', inverse(changed));

          await expect(refused).rejects.toBeInstanceOf(DecisionError);
          await expect(refused).rejects.toMatchObject({ code });
          expect(await shown(store, ['tx-1', 'tx-2'], [])).toEqual(before);
        });

        it('consumes nothing, once an attempt', async () => {
          await write(store, 'tx-1', inverse());

          await expect(write(other, 'tx-1', inverse())).rejects.toMatchObject({
            code: 'claim-exists',
          });
          await write(other, 'tx-1', inverse({ attempt: 2, attemptId: 'next' }));

          const kinds = (await store.claims('tx-1')).map((one) => [one.kind, one.attempt]);
          expect(kinds).toEqual([
            ['apply', 1],
            ['compensate', 1],
            ['compensate', 2],
          ]);
        });
      });
    });

    describe('vend and answer', () => {
      const vend: Write = { write: 'vend', attemptId: 'attempt-of-tx-1', policyDigest: 'p' };
      const answer: Write = { write: 'answer', attemptId: 'attempt-of-tx-1', answer: 'applied' };
      beforeEach(async () => {
        await write(store, 'tx-1', { write: 'decision', decision: sampleDecision('tx-1') });
        await write(store, 'tx-1', claimWrite(sampleClaim('tx-1')));
      });

      it('vends once', async () => {
        await write(store, 'tx-1', vend);

        await expect(write(other, 'tx-1', vend)).rejects.toMatchObject({ code: 'claim-vended' });
        expect((await other.claims('tx-1'))[0]?.policyDigest).toBe('p');
      });

      it('answers once', async () => {
        await write(store, 'tx-1', answer);

        const again = write(other, 'tx-1', { ...answer, answer: 'refused' } as Write);

        await expect(again).rejects.toThrow(StaleStateError);
        expect((await other.claims('tx-1'))[0]?.answer).toBe('applied');
      });

      it('does neither for a claim that is not there', async () => {
        const attemptId = 'no such claim';

        await expect(write(store, 'tx-1', { ...vend, attemptId } as Write)).rejects.toThrow(
          DecisionError,
        );
        await expect(write(store, 'tx-1', { ...answer, attemptId } as Write)).rejects.toThrow(
          StaleStateError,
        );
      });
    });
  });
}
