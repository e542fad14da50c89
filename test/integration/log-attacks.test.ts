import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { dataFolderAt } from '../../adapters/embedded/data-folder.ts';
import { keyFileSigner } from '../../adapters/embedded/signer.ts';
import { hexOf } from '../../core/evidence/bytes.ts';
import { leafHash, merkleRoot } from '../../core/evidence/merkle.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import { cancel } from '../../core/tasks/cancel.ts';
import { signSeal } from '../../core/tasks/sign-seal.ts';
import { undo } from '../../core/tasks/undo.ts';
import { inFolder, scratchFolder } from './cli-folder.ts';
import { attack, goOn, keepCheckpoint, verified } from './support/log-folder.ts';

// Who can write to the store, and has its keys, tries to change what happened.

let scratch: string;
let data: string;
let ids: readonly string[];
beforeEach(async () => {
  scratch = scratchFolder();
  data = join(scratch, 'data');
  ids = await goOn(data, 'detach-legacy', 'trim-portal');
});
afterEach(() => fs.rmSync(scratch, { recursive: true, force: true }));

const tx = (index: number) => `tx:${ids[index]}`;

describe('the log of all seals', () => {
  test('is whole when nobody has changed anything, also against a kept checkpoint', async () => {
    const kept = keepCheckpoint(data, join(scratch, 'kept.txt'));
    await goOn(data, 'narrow-ci-deploy');

    expect(await verified(data, kept)).toEqual({ ok: true, problems: [], bad: [] });
  });

  test('names a transaction that was deleted', async () => {
    attack(data, (database) => {
      for (const table of ['records', 'seals'])
        database.prepare(`DELETE FROM ${table} WHERE stream_id = ?`).run(tx(0));
      for (const table of ['transactions', 'transaction_details'])
        database.prepare(`DELETE FROM ${table} WHERE id = ?`).run(ids[0] ?? '');
    });

    const { ok, problems } = await verified(data);

    expect(ok).toBe(false);
    expect(problems).toEqual([
      `entry 1 of the log: \`${tx(0)}\` has no seals in the store: it was deleted`,
    ]);
  });

  test('names a transaction that was cut with its seals', async () => {
    const id = await inFolder({ data }, async (plane) => {
      const undone = await undo(plane.ports, plane.caller, ids[0] ?? '');
      await plane.run(undone.transaction);
      await cancel(plane.ports, plane.caller, undone.transaction.id);
      for (const one of await plane.lost()) await plane.run(one);
      await plane.log.sequence('wait');
      expect(await plane.ports.store.seals(`tx:${undone.transaction.id}`)).toHaveLength(2);
      return undone.transaction.id;
    });
    expect((await verified(data)).ok).toBe(true);
    attack(data, (database) => {
      const first = 'SELECT min(tree_size) FROM seals WHERE stream_id = ?';
      const stream = `tx:${id}`;
      database
        .prepare(`DELETE FROM records WHERE stream_id = ? AND seq >= (${first})`)
        .run(stream, stream);
      database
        .prepare(`DELETE FROM seals WHERE stream_id = ? AND tree_size > (${first})`)
        .run(stream, stream);
    });

    const { ok, problems } = await verified(data);

    expect(ok).toBe(false);
    expect(problems).toEqual([
      expect.stringMatching(
        new RegExp(
          `^entry \\d+ of the log: seal \\d+ of \`tx:${id}\` is not in the store: .+ cut$`,
        ),
      ),
    ]);
  });

  test('names a transaction that was written anew and sealed by the same key', async () => {
    const { records, last } = await inFolder({ data }, async ({ ports }) => ({
      records: await ports.store.records(tx(1)),
      last: (await ports.store.seals(tx(1))).at(-1),
    }));
    const told = records.map((bytes) =>
      new TextEncoder().encode(new TextDecoder().decode(bytes).replaceAll('"at":"20', '"at":"21')),
    );
    const signer = keyFileSigner(dataFolderAt(data).key);
    const clock = { now: () => Date.now(), sleep: async () => undefined };
    const seal = await signSeal(
      { crypto: nodeCrypto, signer, clock },
      {
        streamId: tx(1),
        treeSize: told.length,
        root: hexOf(
          merkleRoot(
            nodeCrypto,
            told.map((bytes) => leafHash(nodeCrypto, bytes)),
          ),
        ),
        status: 'committed',
        last: undefined,
      },
    );
    attack(data, (database) => {
      const rewrite = database.prepare(
        'UPDATE records SET bytes = ? WHERE stream_id = ? AND seq = ?',
      );
      for (const [seq, bytes] of told.entries()) rewrite.run(bytes, tx(1), seq);
      database
        .prepare('UPDATE seals SET envelope = ? WHERE stream_id = ?')
        .run(seal.envelope, tx(1));
    });

    const { ok, problems } = await verified(data);

    expect(last?.treeSize).toBe(told.length);
    expect(ok).toBe(false);
    expect(problems).toEqual([
      `entry 2 of the log: seal ${told.length} of \`${tx(1)}\` is not the one that was logged`,
    ]);
  });

  test('names two transactions that have changed places', async () => {
    attack(data, (database) => {
      for (const table of ['records', 'seals']) {
        const rename = database.prepare(`UPDATE ${table} SET stream_id = ? WHERE stream_id = ?`);
        rename.run('tx:between', tx(0));
        rename.run(tx(0), tx(1));
        rename.run(tx(1), 'tx:between');
      }
    });

    const { ok, problems, bad } = await verified(data);

    expect(ok).toBe(false);
    expect([...bad].sort()).toEqual([tx(0), tx(1)].sort());
    expect(problems.join('\n')).toContain(`\`${tx(0)}\``);
    expect(problems.join('\n')).toContain(`\`${tx(1)}\``);
  });

  test('names entries that have changed places, and nodes', async () => {
    attack(data, (database) => {
      const move = database.prepare('UPDATE log_entries SET position = ? WHERE position = ?');
      for (const [to, from] of [
        [-1, 1],
        [1, 2],
        [2, -1],
      ] as const)
        move.run(to, from);
    });

    const { problems } = await verified(data);

    expect(problems).toEqual(
      expect.arrayContaining([
        'node 1 of level 0 of the log is not the hash of its entries',
        expect.stringContaining('the entries of the log have another root than its head of'),
        expect.stringContaining('the published checkpoint of'),
      ]),
    );
  });

  test('shows a fork to who has kept a checkpoint of the other', async () => {
    const other = join(scratch, 'other');
    fs.cpSync(data, other, { recursive: true });
    await goOn(data, 'narrow-ci-deploy');
    await goOn(other, 'narrow-ci-deploy');
    const kept = keepCheckpoint(data, join(scratch, 'kept.txt'));

    expect((await verified(other)).ok).toBe(true);
    const { ok, problems } = await verified(other, kept);

    expect(ok).toBe(false);
    expect(problems).toEqual([
      expect.stringMatching(
        /^the pinned checkpoint: the log has another root at \d+ entries: it was changed or forked$/,
      ),
    ]);
  });

  test('that was put back is not gone on with, and says so', async () => {
    const { store, checkpoints } = dataFolderAt(data);
    const older = join(scratch, 'older.db');
    fs.copyFileSync(store, older);
    await goOn(data, 'narrow-ci-deploy');
    const count = fs.readdirSync(checkpoints).length;
    fs.copyFileSync(older, store);

    await expect(goOn(data, 'narrow-ci-deploy')).rejects.toMatchObject({ code: 'log-rolled-back' });

    const { ok, problems } = await verified(data);
    expect(ok).toBe(false);
    expect(problems).toEqual([expect.stringContaining('the log was put back or forked')]);
    expect(fs.readdirSync(checkpoints)).toHaveLength(count);
  });

  test('that was made anew with its own key shows against what was published, or kept', async () => {
    const kept = keepCheckpoint(data, join(scratch, 'kept.txt'));
    attack(data, (database) => {
      const stream = tx(0);
      database.prepare('DELETE FROM records WHERE stream_id = ?').run(stream);
      database.prepare('DELETE FROM seals WHERE stream_id = ?').run(stream);
      database.prepare('DELETE FROM transactions WHERE id = ?').run(ids[0] ?? '');
      for (const table of ['log_entries', 'log_nodes', 'log_heads'])
        database.exec(`DELETE FROM ${table}`);
    });
    expect((await verified(data)).ok).toBe(false);
    fs.rmSync(dataFolderAt(data).checkpoints, { recursive: true });
    await goOn(data, 'narrow-ci-deploy');

    const alone = await verified(data);
    const against = await verified(data, kept);

    // What nobody has kept outside the folder, its owner can make anew.
    expect(alone.ok).toBe(true);
    expect(against.ok).toBe(false);
    expect(against.problems).toEqual([expect.stringMatching(/^the pinned checkpoint: /)]);
  });
});
