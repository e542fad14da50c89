import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StaleStateError } from '../../core/errors.ts';
import type { OpenedStore } from './store-contract.ts';
import { NOW_MS, sampleTransaction } from './store-samples.ts';

/** What every store promises of the rows of dry runs. */
export function storeDryRunContract(name: string, open: () => OpenedStore): void {
  describe(`dry runs in the store: ${name}`, () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = open();
      await opened.store.create(sampleTransaction('dry-1', { nextSeq: 0, sealed: true }), []);
    });
    afterEach(() => opened.close());

    it('are not started by anybody', async () => {
      const start = { transactionId: 'dry-1', epoch: 0, owner: 'somebody', leaseUntil: NOW_MS };

      await expect(opened.other.start(start)).rejects.toThrow(StaleStateError);
      expect(await opened.other.load('dry-1')).toMatchObject({ epoch: 0, status: 'proposed' });
    });

    it('are in no list and have no evidence', async () => {
      const { store, other } = opened;
      await store.create(sampleTransaction('tx-1', { nextSeq: 0 }), []);

      const lists = [{}, { agent: 'iam-auditor' }, { status: 'proposed' as const }];
      for (const query of [...lists, { isOpen: true }]) {
        const { transactions } = await other.list({ ...query, limit: 10 });
        expect(transactions.map(({ id }) => id)).toEqual(['tx-1']);
      }
      expect(await other.records('tx:dry-1')).toEqual([]);
    });
  });
}
