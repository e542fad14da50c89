import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StaleStateError } from '../../core/errors.ts';
import { digestOf } from '../../core/hash.ts';
import type { Store } from '../../core/ports/store.ts';
import { type Approval, streamOf } from '../../core/transaction.ts';
import type { OpenedStore } from './store-contract.ts';
import { changeOf, NOW_MS, put, sampleRecord } from './store-samples.ts';

const WAITING: Approval = {
  planDigest: digestOf('plan'),
  dryRunDigest: digestOf('dry run'),
  policySetDigest: digestOf('policies'),
  needed: 2,
  given: [],
};

/** What every store promises of approvals. */
export function storeApprovalContract(name: string, open: () => OpenedStore): void {
  describe(`approvals in the store: ${name}`, () => {
    let opened: OpenedStore;
    let store: Store;
    let other: Store;
    beforeEach(async () => {
      opened = open();
      ({ store, other } = opened);
      await put(store, 'tx-1');
      const update = { status: 'awaiting-approval', approval: WAITING } as const;
      await changeOf(store, 'tx-1', { update });
    });
    afterEach(() => opened.close());

    const given = (by: string): Approval => ({
      ...WAITING,
      given: [{ by, at: NOW_MS, expiresAt: NOW_MS + 1 }],
    });
    const approve = (on: Store, by: string) =>
      changeOf(on, 'tx-1', {
        update: { approval: given(by) },
        records: [sampleRecord(streamOf('tx-1'), 1, 'approved')],
      });

    it('are of one of two operators who approve at once', async () => {
      const answers = await Promise.allSettled([
        approve(store, 'operator:alice'),
        approve(other, 'operator:bob'),
      ]);

      const refused = answers.filter((one) => one.status === 'rejected');
      expect(refused.map((one) => one.reason)).toEqual([expect.any(StaleStateError)]);
      expect((await store.load('tx-1'))?.approval?.given).toHaveLength(1);
      expect(await other.records(streamOf('tx-1'))).toHaveLength(2);
    });

    it('are absent before anything waits, and stay as they are where a change leaves them out', async () => {
      const fresh = await put(store, 'tx-2');
      await approve(store, 'operator:alice');
      const before = await other.load('tx-1');

      await changeOf(store, 'tx-1', { update: { status: 'proposed' } });
      const epoch = (await store.load('tx-1'))?.epoch ?? 0;
      await store.start({ transactionId: 'tx-1', epoch, owner: 'a', leaseUntil: NOW_MS });

      expect(fresh.approval).toBeUndefined();
      expect(before).toMatchObject({ status: 'awaiting-approval' });
      expect(before?.approval).toEqual(given('operator:alice'));
      expect((await other.load('tx-1'))?.approval).toEqual(given('operator:alice'));
    });
  });
}
