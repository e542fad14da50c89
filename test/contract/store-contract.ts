import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StaleStateError } from '../../core/errors.ts';
import { parseRecord } from '../../core/evidence/record.ts';
import type { KillMode, KillScope, KillSwitch } from '../../core/ports/kill-switch.ts';
import type { Store } from '../../core/ports/store.ts';
import { changeOf, NOW_MS, put, sampleRecord, sampleTransaction } from './store-samples.ts';

/** A store, and the same one as another process sees it. */
export interface OpenedStore {
  readonly store: Store;
  readonly other: Store;
  readonly killSwitch: KillSwitch;
  close(): void;
}

/** Moves the kill switch of an opened store. */
export function setMode(
  { killSwitch }: Pick<OpenedStore, 'killSwitch'>,
  scope: KillScope,
  mode: KillMode,
): Promise<void> {
  const { seq: _, ...record } = sampleRecord('control:2026-01-01', 0, 'kill-switch');
  return killSwitch.set({ scope, mode, by: 'ops', reason: 'a test', at: NOW_MS }, record);
}

/** What every store promises of transactions, epochs and evidence. */
export function storeContract(name: string, open: () => OpenedStore): void {
  describe(`the store: ${name}`, () => {
    let opened: OpenedStore;
    let store: Store;
    let other: Store;
    beforeEach(() => {
      opened = open();
      ({ store, other } = opened);
    });
    afterEach(() => opened.close());

    describe('create', () => {
      it('gives the transaction that has the key already, to every process', async () => {
        const first = await put(store, 'tx-1');

        const again = sampleTransaction('tx-2', { idempotencyKey: first.idempotencyKey });
        const answers = await Promise.all(
          [store, other].map((one) => one.create(again, [sampleRecord('tx:tx-2', 0)])),
        );

        expect(answers.map((one) => [one.isNew, one.transaction.id])).toEqual([
          [false, 'tx-1'],
          [false, 'tx-1'],
        ]);
        expect(await store.load('tx-2')).toBeUndefined();
        expect(await store.records('tx:tx-2')).toEqual([]);
      });

      it('makes one of many that come at once', async () => {
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            (index % 2 === 0 ? store : other).create(
              sampleTransaction(`tx-${index}`, { idempotencyKey: 'one' }),
              [sampleRecord(`tx:tx-${index}`, 0)],
            ),
          ),
        );

        expect(answers.filter((one) => one.isNew)).toHaveLength(1);
        expect(new Set(answers.map((one) => one.transaction.id)).size).toBe(1);
      });

      it('keeps the keys of actors apart', async () => {
        await put(store, 'tx-1', { idempotencyKey: 'one', actor: 'agent:a' });
        await put(store, 'tx-2', { idempotencyKey: 'one', actor: 'agent:b' });

        expect((await other.findByKey('agent:a', 'one'))?.id).toBe('tx-1');
        expect((await other.findByKey('agent:b', 'one'))?.id).toBe('tx-2');
        expect(await other.findByKey('agent:c', 'one')).toBeUndefined();
      });

      it('is read back whole by every process', async () => {
        const made = await put(store, 'tx-1', { undoOf: 'tx-0' });

        expect(made).toEqual(sampleTransaction('tx-1', { undoOf: 'tx-0' }));
        expect(await other.load('tx-1')).toEqual(made);
      });
    });

    describe('change', () => {
      it.each([
        ['another epoch', { epoch: 1 }],
        ['another step', { cursor: { stepIndex: 1, phase: 'preflight', attempt: 1 } }],
        ['another phase', { cursor: { stepIndex: 0, phase: 'authorize', attempt: 1 } }],
        ['another attempt', { cursor: { stepIndex: 0, phase: 'preflight', attempt: 2 } }],
      ] as const)('is stale at %s, and writes nothing', async (_what, expectation) => {
        const before = await put(store, 'tx-1');

        const changed = changeOf(store, 'tx-1', {
          expect: expectation,
          update: { status: 'running' },
          records: [sampleRecord('tx:tx-1', 1, 'located')],
        });

        await expect(changed).rejects.toThrow(StaleStateError);
        expect(await store.load('tx-1')).toEqual(before);
        expect(await store.records('tx:tx-1')).toHaveLength(1);
      });

      it.each([0, 2])('is stale when its records start at %s, not at the next one', async (seq) => {
        await put(store, 'tx-1');

        const changed = changeOf(store, 'tx-1', { records: [sampleRecord('tx:tx-1', seq)] });

        await expect(changed).rejects.toThrow(StaleStateError);
        expect(await store.records('tx:tx-1')).toHaveLength(1);
      });

      it('is stale for a transaction that does not exist', async () => {
        const cursor = { stepIndex: 0, phase: 'preflight', attempt: 1 } as const;
        const wanted = {
          expect: { epoch: 0, cursor },
          update: { cursor },
          records: [],
          writes: [],
        };

        await expect(store.change({ ...wanted, transactionId: 'tx-0' })).rejects.toThrow(
          StaleStateError,
        );
      });

      it('is won by one of two processes', async () => {
        await put(store, 'tx-1');
        const record = sampleRecord('tx:tx-1', 1, 'located');
        const cursor = { stepIndex: 0, phase: 'authorize', attempt: 1 } as const;

        const answers = await Promise.allSettled(
          [store, other].map((one) =>
            changeOf(one, 'tx-1', { update: { cursor }, records: [record] }),
          ),
        );

        expect(answers.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(await other.records('tx:tx-1')).toHaveLength(2);
      });

      it('changes what it names, keeps the rest, and appends records in order', async () => {
        const before = await put(store, 'tx-1');
        const reason = { code: 'failed', detail: 'drift' } as const;
        const records = [1, 2].map((seq) => sampleRecord('tx:tx-1', seq, 'located'));

        await changeOf(store, 'tx-1', { update: { status: 'running', reason }, records });

        const after = { ...before, status: 'running', reason, nextSeq: 3 };
        expect(await other.load('tx-1')).toEqual(after);
        const seqs = (await other.records('tx:tx-1')).map((one) => parseRecord(one).seq);
        expect(seqs).toEqual([0, 1, 2]);
        expect(await other.records('tx:tx-1', 2)).toHaveLength(1);
      });
    });

    describe('start', () => {
      const start = (epoch: number, from = store) =>
        from.start({ transactionId: 'tx-1', epoch, owner: 'a', leaseUntil: NOW_MS });

      it('bumps the epoch for one of two, and outruns every older one', async () => {
        await put(store, 'tx-1');

        const answers = await Promise.allSettled([start(0), start(0, other)]);

        expect(answers.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(await other.load('tx-1')).toMatchObject({ epoch: 1, owner: 'a' });
        const late = changeOf(store, 'tx-1', { expect: { epoch: 0 } });
        await expect(late).rejects.toThrow(StaleStateError);
      });

      it.each([
        ['preflight', 'proposed'],
        ['authorize', 'running'],
        ['claimed', 'running'],
        ['compensate', 'compensating'],
        ['compensation-claimed', 'compensating'],
      ] as const)('sets one that was parked at `%s` to `%s`', async (phase, status) => {
        const cursor = { stepIndex: 0, phase, attempt: 1 };
        await put(store, 'tx-1', { status: 'parked', cursor });

        expect(await start(0)).toMatchObject({ status, cursor });
      });

      it('leaves any other status', async () => {
        await put(store, 'tx-1', { status: 'committed' });

        expect((await start(0)).status).toBe('committed');
      });

      it('renews the lease of the current owner and epoch only', async () => {
        await put(store, 'tx-1');
        await start(0);
        const renew = (epoch: number, owner: string) =>
          other.renewLease({ transactionId: 'tx-1', epoch, owner, leaseUntil: NOW_MS + 1 });

        await expect(renew(0, 'a')).rejects.toThrow(StaleStateError);
        await expect(renew(1, 'b')).rejects.toThrow(StaleStateError);
        await renew(1, 'a');

        expect((await store.load('tx-1'))?.leaseUntil).toBe(NOW_MS + 1);
      });
    });

    describe('cancel', () => {
      it('keeps the first wish', async () => {
        await put(store, 'tx-1');

        await store.cancel('tx-1', 'operator:ann', 1);
        await other.cancel('tx-1', 'operator:bob', 2);

        expect((await store.load('tx-1'))?.cancelled).toEqual({ by: 'operator:ann', at: 1 });
      });

      it.each(['committed', 'rejected', 'compensated', 'stuck'] as const)(
        'does nothing to one that is %s',
        async (status) => {
          const before = await put(store, 'tx-1', { status });

          await store.cancel('tx-1', 'operator:ann', 1);

          expect(await store.load('tx-1')).toEqual(before);
        },
      );
    });
  });
}
