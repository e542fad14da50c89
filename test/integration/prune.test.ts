import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStoreDatabase } from '../../adapters/embedded/store-schema.ts';
import { EvidenceOfAll, Pruned, TransactionList } from '../../cli/json-shapes.ts';
import { parseRecord } from '../../core/evidence/index.ts';
import { inFolder, proposeIn } from './cli-folder.ts';
import { errorOf, interlock, interlockJson } from './cli-process.ts';
import { type AgedFolder, makeAgedFolder } from './support/aged-folder.ts';

let folder: AgedFolder;
beforeAll(async () => {
  folder = await makeAgedFolder();
});
afterAll(() => folder.remove());

function recordsIn(data: string): Readonly<Record<string, number>> {
  const database = openStoreDatabase(join(data, 'interlock.db'));
  const rows = database
    .prepare('SELECT stream_id AS id, COUNT(*) AS n FROM records GROUP BY 1')
    .all();
  database.close();
  return Object.fromEntries(rows.map(({ id, n }) => [String(id), Number(n)]));
}

/** Whether the bytes of the store's file hold a text. */
function isInFile(data: string, text: string): boolean {
  return fs.readFileSync(join(data, 'interlock.db')).includes(text);
}

const PRUNE = ['evidence', 'prune', '--older-than', '190'];

describe('evidence prune', () => {
  test('says what would go, and changes nothing', async () => {
    const { data } = folder.copy('dry');
    const before = recordsIn(data);

    const dry = await interlockJson(Pruned, [...PRUNE, '--dry-run', '--data', data]);

    expect(dry).toMatchObject({ code: 0, value: { dryRun: true, streams: 2, skipped: [] } });
    expect(recordsIn(data)).toEqual(before);
  });

  test('moves what is old and over into the archive, and nothing else', async () => {
    const { data, archive } = folder.copy('moved');
    const before = recordsIn(data);
    const on = (...args: string[]) => interlock([...args, '--data', data, '--json']);

    const unasked = await on(...PRUNE, '--archive', archive);
    const pruned = await interlockJson(Pruned, [
      ...[...PRUNE, '--archive', archive, '--yes', '--data', data],
    ]);
    const after = recordsIn(data);
    const shown = await on('tx', 'show', folder.old[0] ?? '');
    const exported = await on(
      'tx',
      'export',
      folder.old[0] ?? '',
      '--out',
      join(data, 'none.json'),
    );
    const list = await interlockJson(TransactionList, ['tx', 'list', '--data', data]);
    const all = await interlockJson(EvidenceOfAll, ['evidence', 'verify', '--all', '--data', data]);
    const doctor = await on('doctor');
    const again = await interlockJson(Pruned, [
      ...[...PRUNE, '--archive', archive, '--yes', '--data', data],
    ]);

    expect([unasked.code, errorOf(unasked).code]).toEqual([2, 'confirmation-needed']);
    expect(pruned).toMatchObject({ code: 0, value: { streams: 2, skippedCount: 0 } });
    for (const id of folder.old) {
      const file = join(archive, `${id}.json`);
      expect((await interlock(['evidence', 'verify', file, '--data', data])).code).toBe(0);
      expect(after[`tx:${id}`]).toBeUndefined();
    }
    for (const id of [folder.open, folder.young])
      expect(after[`tx:${id}`]).toBe(before[`tx:${id}`]);
    for (const ended of [shown, exported])
      expect([ended.code, errorOf(ended).code]).toEqual([1, 'evidence-pruned']);
    expect(list.value.transactions.map(({ id }) => id)).toEqual([
      folder.young,
      folder.open,
      ...[...folder.old].reverse(),
    ]);
    expect(all.value.streams.map(({ streamId }) => streamId)).toEqual([`tx:${folder.open}`]);
    expect(all.value).toMatchObject({ checked: 2, valid: 1, damage: [] });
    const records = folder.old.map((id) => before[`tx:${id}`] ?? 0);
    expect(all.value.pruned).toEqual({
      streams: 2,
      records: records.reduce((sum, one) => sum + one, 0),
      problems: [],
    });
    expect(all.value.log).toMatchObject({ ok: true, pending: 0, problems: [] });
    expect(JSON.parse(doctor.stdout).checks).toContainEqual(
      expect.objectContaining({ name: 'evidence', level: 'ok' }),
    );
    expect(again).toMatchObject({ code: 0, value: { streams: 0 } });
    await inFolder({ data }, async (plane) => {
      expect((await plane.ports.store.seals(`tx:${folder.old[0]}`)).length).toBe(1);
      expect((await proposeIn(plane, 'detach-legacy')).id).toBe(folder.old[0]);
      const control = await plane.ports.store.records(
        `control:${new Date().toISOString().slice(0, 10)}`,
      );
      const fact = control.map(parseRecord).find(({ kind }) => kind === 'evidence-pruned');
      const digests = folder.old.map((id) => ({
        streamId: `tx:${id}`,
        records: before[`tx:${id}`],
        archiveDigest: createHash('sha256')
          .update(fs.readFileSync(join(archive, `${id}.json`)))
          .digest('hex'),
      }));
      expect(fact?.data).toMatchObject({ count: 2, streams: digests });
    });
  });

  test('leaves no bytes of a record behind in a file that is compacted', async () => {
    const { data, archive } = folder.copy('bytes');
    // As a record ends; other records may name the stream.
    const marks = [folder.old[0], folder.young].map((id) => `"streamId":"tx:${id}","v":1}`);
    const before = marks.map((mark) => isInFile(data, mark));

    await interlock([...PRUNE, '--archive', archive, '--compact', '--yes', '--data', data]);
    const salvage = ['evidence', 'salvage', '--out', `${data}-salvaged`, '--data', data];

    expect((await interlock(salvage)).code).toBe(0);
    expect(before).toEqual([true, true]);
    expect(marks.map((mark) => isInFile(data, mark))).toEqual([false, true]);
  });

  test('takes an archive that holds the evidence, and leaves what is another', async () => {
    const { data, archive } = folder.copy('held');
    const [first = '', second = ''] = folder.old;
    const fileOf = (id: string) => join(archive, `${id}.json`);
    fs.mkdirSync(archive);
    for (const [id, file] of [
      [first, fileOf(first)],
      [folder.young, fileOf(second)],
    ] as const)
      expect((await interlock(['tx', 'export', id, '--out', file, '--data', data])).code).toBe(0);

    const pruned = await interlockJson(Pruned, [
      ...[...PRUNE, '--archive', archive, '--yes', '--data', data],
    ]);

    expect(pruned).toMatchObject({
      code: 5,
      value: { streams: 1, skipped: [{ streamId: `tx:${second}` }] },
    });
    expect(pruned.value.skipped[0]?.reason).toContain('holds other evidence');
    expect(Object.keys(recordsIn(data))).toContain(`tx:${second}`);
  });

  test('leaves a stream that does not verify', async () => {
    const { data, archive } = folder.copy('broken');
    const database = openStoreDatabase(join(data, 'interlock.db'));
    database.exec(`DROP TRIGGER records_are_final; UPDATE records SET bytes = x'7b7d'
      WHERE seq = 3 AND stream_id = 'tx:${folder.old[0]}'`);
    database.close();

    const pruned = await interlockJson(Pruned, [
      ...[...PRUNE, '--archive', archive, '--yes', '--data', data],
    ]);

    expect(pruned.value).toMatchObject({
      streams: 1,
      skipped: [{ streamId: `tx:${folder.old[0]}` }],
    });
    expect(fs.existsSync(join(archive, `${folder.old[0]}.json`))).toBe(false);
  });
});
