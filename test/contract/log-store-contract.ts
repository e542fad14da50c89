import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EvidenceError, StaleStateError } from '../../core/errors.ts';
import { parseRecord } from '../../core/evidence/record.ts';
import type { ControlStreams } from '../../core/ports/control-streams.ts';
import type { LogAdvance, LogEntry, LogStore } from '../../core/ports/log-store.ts';
import type { Store } from '../../core/ports/store.ts';
import { NOW_MS, put, sampleRecord, sampleSeal, write } from './store-samples.ts';

/** The log of a store with its control streams, and the same as another process sees them. */
export interface OpenedLog {
  readonly store: Store;
  readonly log: LogStore;
  readonly control: ControlStreams;
  readonly other: {
    readonly store: Store;
    readonly log: LogStore;
    readonly control: ControlStreams;
  };
  close(): void;
}

const KEY = 'a'.repeat(64);
const TODAY = 'control:2026-01-01';

const bytes = (text: string) => new TextEncoder().encode(text);
const hash = (value: number) => new Uint8Array(32).fill(value);

const keyEntry = (position: number, keyId = KEY): LogEntry => {
  return { position, statement: bytes(`key ${keyId}`), of: { kind: 'key', keyId } };
};
const sealEntry = (position: number, streamId: string, treeSize = 1): LogEntry => {
  const of = { kind: 'seal', streamId, treeSize } as const;
  return { position, statement: bytes(`seal of ${streamId} at ${treeSize}`), of };
};

/** An advance to the end of its entries. */
function advanceOf(fromSize: number, entries: readonly LogEntry[], at = NOW_MS): LogAdvance {
  const size = fromSize + entries.length;
  const nodes = entries.map(({ position }) => ({
    level: 0,
    index: position,
    hash: hash(position),
  }));
  const head = { size, root: 'f'.repeat(64), frontier: [hash(1), hash(2)], at };
  return { fromSize, entries, nodes, head: { ...head, checkpoint: `note of ${size}\n` } };
}

/** What every store of the account-wide log promises. */
export function logStoreContract(name: string, open: () => OpenedLog): void {
  describe(`the log of seals: ${name}`, () => {
    let opened: OpenedLog;
    beforeEach(() => {
      opened = open();
    });
    afterEach(() => opened.close());

    const sealed = async (id: string, treeSize = 1): Promise<void> => {
      if (treeSize === 1) await put(opened.store, id);
      const seal = sampleSeal(`tx:${id}`, treeSize, `envelope ${id}`);
      await write(opened.store, id, { write: 'seal', seal });
    };
    const pendingStreams = async (limit = 10) =>
      (await opened.other.log.pending(limit)).map(({ streamId, treeSize }) => [streamId, treeSize]);

    it('is empty before anything was written to it', async () => {
      const { log } = opened;

      expect(await log.head()).toBeUndefined();
      expect(await log.pending(10)).toEqual([]);
      expect(await log.entries(0, 10)).toEqual([]);
      expect(await log.keyEntry(KEY)).toBeUndefined();
      expect(await log.positionOf('tx:tx-1', 1)).toBeUndefined();
    });

    it('shows seals as pending in the order in which they were stored, at most so many', async () => {
      await sealed('tx-2');
      await sealed('tx-1');
      await sealed('tx-2', 2);

      expect(await pendingStreams()).toEqual([
        ['tx:tx-2', 1],
        ['tx:tx-1', 1],
        ['tx:tx-2', 2],
      ]);
      expect(await pendingStreams(1)).toEqual([['tx:tx-2', 1]]);
      expect(await opened.log.pending(1)).toEqual([sampleSeal('tx:tx-2', 1, 'envelope tx-2')]);
    });

    it('shows to every process what was put in, and then only the rest as pending', async () => {
      for (const id of ['tx-1', 'tx-2', 'tx-3']) await sealed(id);
      const entries = [keyEntry(0), sealEntry(1, 'tx:tx-1'), sealEntry(2, 'tx:tx-2')];
      const advance = advanceOf(0, entries);

      await opened.log.advance(advance);

      const { log } = opened.other;
      expect(await log.head()).toEqual(advance.head);
      expect(await log.entries(0, 10)).toEqual(entries);
      expect(await log.entries(1, 1)).toEqual([entries[1]]);
      expect(await log.keyEntry(KEY)).toEqual(entries[0]);
      expect(await log.positionOf('tx:tx-2', 1)).toBe(2);
      expect(await log.positionOf('tx:tx-3', 1)).toBeUndefined();
      expect(await pendingStreams()).toEqual([['tx:tx-3', 1]]);
    });

    it('reads nodes in the order asked for, and says which is not there', async () => {
      await sealed('tx-1');
      await opened.log.advance(advanceOf(0, [keyEntry(0), sealEntry(1, 'tx:tx-1')]));
      const place = (index: number) => ({ level: 0, index });

      const read = await opened.other.log.nodes([place(1), place(0), place(1)]);

      expect(read.map((one) => [...one])).toEqual([1, 0, 1].map((value) => [...hash(value)]));
      await expect(opened.log.nodes([place(0), place(2)])).rejects.toMatchObject({
        name: EvidenceError.name,
        code: 'log-incomplete',
      });
      expect(await opened.log.nodes([])).toEqual([]);
    });

    it('grows by one of two that come from the same head, and of the other nothing', async () => {
      for (const id of ['tx-1', 'tx-2']) await sealed(id);
      const [one, two] = [
        advanceOf(0, [keyEntry(0), sealEntry(1, 'tx:tx-1')]),
        advanceOf(0, [keyEntry(0), sealEntry(1, 'tx:tx-1'), sealEntry(2, 'tx:tx-2')]),
      ] as const;

      const settled = await Promise.allSettled([
        opened.log.advance(one),
        opened.other.log.advance(two),
      ]);

      const refused = settled.filter(({ status }) => status === 'rejected');
      expect(refused).toEqual([{ status: 'rejected', reason: expect.any(StaleStateError) }]);
      const won = settled[0].status === 'fulfilled' ? one : two;
      expect(await opened.log.head()).toEqual(won.head);
      expect(await opened.log.entries(0, 10)).toEqual(won.entries);
    });

    it('goes on from its head alone', async () => {
      for (const id of ['tx-1', 'tx-2']) await sealed(id);
      await opened.log.advance(advanceOf(0, [keyEntry(0), sealEntry(1, 'tx:tx-1')]));
      const next = advanceOf(2, [sealEntry(2, 'tx:tx-2')], NOW_MS + 1000);

      await expect(opened.log.advance({ ...next, fromSize: 1 })).rejects.toThrow(StaleStateError);
      await opened.other.log.advance(next);

      expect(await opened.log.head()).toEqual(next.head);
      expect(await opened.log.entries(0, 10)).toHaveLength(3);
      expect(await pendingStreams()).toEqual([]);
    });

    describe('of control streams', () => {
      const append = async (streamId: string, count: number): Promise<void> => {
        const { seq: _, ...record } = sampleRecord(streamId, 0, 'refused');
        for (let index = 0; index < count; index += 1) await opened.store.appendControl(record);
      };
      const seal = (size: number, isLast: boolean, streamId = TODAY) =>
        opened.control.seal(sampleSeal(streamId, size, `envelope ${size}`), { isLast });
      const openAmong = async (...wanted: readonly string[]) =>
        (await opened.other.control.open()).filter((one) => wanted.includes(one));
      const OLDER = 'control:2025-12-30';

      it('names those that are open, the oldest first', async () => {
        await append(TODAY, 1);
        await append(OLDER, 1);
        await put(opened.store, 'tx-1');

        expect(await openAmong(TODAY, OLDER, 'tx:tx-1')).toEqual([OLDER, TODAY]);
      });

      it('seals a size once, and shows the seal as pending', async () => {
        await append(TODAY, 2);
        const count = (await opened.store.records(TODAY)).length;

        await seal(count, false);

        await expect(seal(count, false)).rejects.toThrow(StaleStateError);
        expect(await opened.other.store.seals(TODAY)).toEqual([
          sampleSeal(TODAY, count, `envelope ${count}`),
        ]);
        expect(await pendingStreams()).toEqual([[TODAY, count]]);
        expect(await openAmong(TODAY)).toEqual([TODAY]);
      });

      it('takes no record after the last seal, from any process', async () => {
        await append(OLDER, 2);
        await seal(2, true, OLDER);
        const { seq: _, ...record } = sampleRecord(OLDER, 0, 'refused');

        const late = opened.other.store.appendControl(record);

        await expect(late).rejects.toMatchObject({
          name: EvidenceError.name,
          code: 'stream-closed',
        });
        expect(await opened.store.records(OLDER)).toHaveLength(2);
        expect(await openAmong(OLDER)).toEqual([]);
      });

      it('is not closed by a seal that does not cover all', async () => {
        await append(OLDER, 3);

        await expect(seal(2, true, OLDER)).rejects.toThrow(StaleStateError);

        expect(await opened.store.seals(OLDER)).toEqual([]);
        await append(OLDER, 1);
        const seqs = (await opened.store.records(OLDER)).map((one) => parseRecord(one).seq);
        expect(seqs).toEqual([0, 1, 2, 3]);
      });
    });
  });
}
