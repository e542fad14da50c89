import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseRecord } from '../../core/evidence/record.ts';
import type { Store } from '../../core/ports/store.ts';
import { streamOf } from '../../core/transaction.ts';
import type { OpenedStore } from './store-contract.ts';
import { changeOf, put, sampleRecord } from './store-samples.ts';

/** What every store promises of streams and barriers. */
export function storeEvidenceContract(name: string, open: () => OpenedStore): void {
  describe(`the evidence in the store: ${name}`, () => {
    let opened: OpenedStore;
    let store: Store;
    let other: Store;
    beforeEach(() => {
      opened = open();
      ({ store, other } = opened);
    });
    afterEach(() => opened.close());

    it('appends to a control stream without a gap from many processes', async () => {
      const streamId = 'control:2026-01-02';
      const { seq: _, ...record } = sampleRecord(streamId, 0, 'refused');

      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? store : other).appendControl(record),
        ),
      );

      const seqs = (await store.records(streamId)).map((one) => parseRecord(one).seq);
      expect(seqs).toEqual(Array.from({ length: 20 }, (_, index) => index));
      expect(await other.streams()).toContain(streamId);
    });

    it('refuses a record that is not canonical, and writes nothing', async () => {
      const before = await put(store, 'tx-1');
      const record = { ...sampleRecord('tx:tx-1', 1), data: { half: 0.5 } };

      await expect(changeOf(store, 'tx-1', { records: [record] })).rejects.toMatchObject({
        code: 'record-not-canonical',
      });

      expect(await store.load('tx-1')).toEqual(before);
    });

    it('is empty for what is not there', async () => {
      const nothing = [
        await store.load('tx-0'),
        await store.decision('decision-0'),
        await store.lockHolder('arn'),
      ];

      expect(nothing).toEqual([undefined, undefined, undefined]);
      expect(await store.claims('tx-0')).toEqual([]);
      expect(await store.decisions('tx-0')).toEqual([]);
      expect(await store.records(streamOf('tx-0'))).toEqual([]);
      expect(await store.seals(streamOf('tx-0'))).toEqual([]);
    });

    it('is durable after a barrier, however many wait for it', async () => {
      await put(store, 'tx-1');

      const waits = Array.from({ length: 20 }, () => store.barrier());

      await expect(Promise.all(waits)).resolves.toHaveLength(20);
    });
  });
}
