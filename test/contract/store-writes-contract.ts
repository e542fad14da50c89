import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConflictError, HaltedError, StaleStateError } from '../../core/errors.ts';
import type { Store, Write } from '../../core/ports/store.ts';
import { type OpenedStore, setMode } from './store-contract.ts';
import {
  changeOf,
  claimWrite,
  NOW_MS,
  put,
  sampleClaim,
  sampleDecision,
  sampleRecord,
  sampleSeal,
  shown,
  write,
} from './store-samples.ts';

const lock = (...resources: string[]): Write => ({ write: 'lock', resources });

/** What every store promises of each part of a change. */
export function storeWritesContract(name: string, open: () => OpenedStore): void {
  describe(`the writes of the store: ${name}`, () => {
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

    describe('lock', () => {
      it('names the holder of the conflict and takes none of its locks', async () => {
        await write(store, 'tx-1', lock('b'));

        const conflict = write(other, 'tx-2', lock('a', 'b', 'c'));

        await expect(conflict).rejects.toBeInstanceOf(ConflictError);
        await expect(conflict).rejects.toMatchObject({ code: 'resource-locked', holder: 'tx-1' });
        const holders = await Promise.all(['a', 'b', 'c'].map((one) => store.lockHolder(one)));
        expect(holders).toEqual([undefined, 'tx-1', undefined]);
      });

      it('is taken by one of two processes', async () => {
        const answers = await Promise.allSettled([
          write(store, 'tx-1', lock('a', 'b')),
          write(other, 'tx-2', lock('b', 'a')),
        ]);

        expect(answers.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(await store.lockHolder('a')).toBe(await other.lockHolder('b'));
      });

      it('may be taken again by its holder, and survives a new epoch', async () => {
        await write(store, 'tx-1', lock('a'));
        await store.start({ transactionId: 'tx-1', epoch: 0, owner: 'a', leaseUntil: NOW_MS });

        await write(store, 'tx-1', lock('a', 'b'));

        expect(await other.lockHolder('a')).toBe('tx-1');
      });

      it('is held by its transaction alone, and only until it is released', async () => {
        const held = { write: 'held', resources: ['a'] } as const;
        const lost = { name: 'DecisionError', code: 'lock-lost' };
        await write(store, 'tx-1', lock('a'));

        await write(other, 'tx-1', held);
        await expect(write(other, 'tx-2', held)).rejects.toMatchObject(lost);
        await write(store, 'tx-1', { write: 'unlock' });

        await expect(write(other, 'tx-1', held)).rejects.toMatchObject(lost);
      });

      it('is released with all others of its transaction, and no others', async () => {
        await write(store, 'tx-1', lock('a', 'b'));
        await write(store, 'tx-2', lock('c'));

        await write(other, 'tx-1', { write: 'unlock' });

        const holders = await Promise.all(['a', 'b', 'c'].map((one) => store.lockHolder(one)));
        expect(holders).toEqual([undefined, undefined, 'tx-2']);
      });
    });

    it('seals a size once', async () => {
      const seal = sampleSeal('tx:tx-1', 1, 'first');
      await write(store, 'tx-1', { write: 'seal', seal });

      const again = write(other, 'tx-1', { write: 'seal', seal: { ...seal, envelope: 'second' } });

      await expect(again).rejects.toThrow(StaleStateError);
      expect(await store.seals('tx:tx-1')).toEqual([seal]);
    });

    describe('fence', () => {
      const fence = (refuse: readonly ('halt' | 'freeze' | 'drain')[]): Write => ({
        write: 'fence',
        scopes: ['agent:iam-auditor', 'action:iam:DeleteRolePolicy'],
        refuse,
      });

      it.each(['all', 'agent:iam-auditor', 'action:iam:DeleteRolePolicy'])(
        'refuses what is halted for `%s`, as soon as it is set',
        async (scope) => {
          await setMode(opened, scope, 'halt');

          const refused = write(other, 'tx-1', fence(['halt', 'freeze']));

          await expect(refused).rejects.toBeInstanceOf(HaltedError);
          await expect(refused).rejects.toMatchObject({ code: 'halt' });
          await write(other, 'tx-1', fence(['freeze']));
        },
      );

      it('lets through what another scope halts', async () => {
        await setMode(opened, 'agent:somebody', 'freeze');

        await write(other, 'tx-1', fence(['halt', 'freeze']));

        await setMode(opened, 'all', 'freeze');
        await setMode(opened, 'agent:iam-auditor', 'halt');
        await expect(write(other, 'tx-1', fence(['freeze']))).rejects.toMatchObject({
          code: 'freeze',
        });
      });
    });

    it('are made for some of many at once when others are refused', async () => {
      const ids = Array.from({ length: 12 }, (_, index) => `tx-many-${index}`);
      for (const id of ids) await put(store, id);
      // Each third wants what the first has.
      const wanted = ids.map((id, index) => (index % 3 === 0 ? lock('one') : lock(id)));

      const answers = await Promise.allSettled(
        ids.map((id, index) =>
          changeOf(index % 2 === 0 ? store : other, id, {
            records: [sampleRecord(`tx:${id}`, 1, 'located')],
            writes: [wanted[index] ?? lock(id)],
          }),
        ),
      );

      const isDone = answers.map((one) => one.status === 'fulfilled');
      expect(isDone.filter((done) => !done)).toHaveLength(3);
      for (const [index, id] of ids.entries()) {
        expect(await other.records(`tx:${id}`)).toHaveLength(isDone[index] ? 2 : 1);
        if (index % 3 !== 0) expect(await store.lockHolder(id)).toBe(id);
      }
    });

    it('are all or nothing: a part that is refused leaves no trace of the others', async () => {
      await write(store, 'tx-2', lock('taken'));
      const before = await shown(store, ['tx-1', 'tx-2'], ['free', 'taken']);
      const writes: readonly Write[] = [
        lock('free'),
        { write: 'decision', decision: sampleDecision('tx-1') },
        claimWrite(sampleClaim('tx-1')),
        { write: 'vend', attemptId: 'attempt-of-tx-1', policyDigest: 'p' },
        { write: 'answer', attemptId: 'attempt-of-tx-1', answer: 'applied' },
        { write: 'seal', seal: sampleSeal('tx:tx-1', 2, 'e') },
      ];
      const wanted = {
        update: { status: 'running' },
        records: [sampleRecord('tx:tx-1', 1, 'located')],
      } as const;

      const refused = changeOf(store, 'tx-1', { ...wanted, writes: [...writes, lock('taken')] });

      await expect(refused).rejects.toThrow(ConflictError);
      expect(await shown(other, ['tx-1', 'tx-2'], ['free', 'taken'])).toEqual(before);
      await changeOf(store, 'tx-1', { ...wanted, writes });
      expect(await other.claims('tx-1')).toHaveLength(1);
    });
  });
}
