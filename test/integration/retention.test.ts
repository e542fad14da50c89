import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStoreDatabase } from '../../adapters/embedded/store-schema.ts';
import { Pruned, RetentionShape } from '../../cli/json-shapes.ts';
import { parseRecord } from '../../core/evidence/index.ts';
import { inFolder } from './cli-folder.ts';
import { errorOf, interlock, interlockJson } from './cli-process.ts';
import { type AgedFolder, makeAgedFolder, OLD_MS } from './support/aged-folder.ts';

let folder: AgedFolder;
beforeAll(async () => {
  folder = await makeAgedFolder();
});
afterAll(() => folder.remove());

describe('the retention', () => {
  test('refuses what is younger, and is changed with a reason on record alone', async () => {
    const { data, archive } = folder.copy('shorter');
    const on = (...args: string[]) => interlock([...args, '--data', data, '--json']);
    const prune100 = ['evidence', 'prune', '--older-than', '100', '--archive', archive, '--yes'];

    const early = await on(...prune100);
    const short = await on('evidence', 'retention', '--days', '30', '--reason', 'test');
    const silent = await on('evidence', 'retention', '--days', '30', '--force');
    const kept = await interlockJson(RetentionShape, ['evidence', 'retention', '--data', data]);
    const forced = await interlockJson(RetentionShape, [
      ...['evidence', 'retention', '--days', '30', '--force', '--reason', 'a test'],
      ...['--data', data],
    ]);
    const pruned = await interlockJson(Pruned, [...prune100, '--data', data]);

    expect([early.code, errorOf(early).code]).toEqual([2, 'within-retention']);
    expect([short.code, errorOf(short).code]).toEqual([2, 'retention-too-short']);
    expect([silent.code, errorOf(silent).code]).toEqual([2, 'usage']);
    expect(kept.value).toEqual({ days: 183 });
    expect(forced.value).toEqual({ days: 30 });
    expect(pruned.value).toMatchObject({ streams: 2, retentionDays: 30 });
    await inFolder({ data }, async ({ ports }) => {
      const today = `control:${new Date().toISOString().slice(0, 10)}`;
      const facts = (await ports.store.records(today)).map(parseRecord);
      expect(facts.find(({ kind }) => kind === 'retention-changed')?.data).toEqual({
        days: 30,
        before: 183,
        reason: 'a test',
      });
    });
  });

  test('is held by the store itself', () => {
    const { data } = folder.copy('held-by-store');
    const database = openStoreDatabase(join(data, 'interlock.db'));
    const mark = (streamId: string) =>
      database
        .prepare('INSERT OR REPLACE INTO pruned_streams VALUES (?, 1, ?, 0)')
        .run(streamId, 'x');
    const remove = (streamId: string) =>
      database.prepare('DELETE FROM records WHERE stream_id = ?').run(streamId);

    for (const id of [folder.young, folder.open, 'none'])
      expect(() => mark(`tx:${id}`)).toThrow('its retention');
    expect(() => mark('control:2026-01-01')).toThrow('its retention');
    expect(() => remove(`tx:${folder.old[0]}`)).toThrow('append-only');
    mark(`tx:${folder.old[0]}`);
    remove(`tx:${folder.old[0]}`);
    expect(() => remove(`tx:${folder.old[1]}`)).toThrow('append-only');
    expect(() =>
      database.exec(`INSERT INTO records VALUES ('tx:${folder.old[0]}', 0, x'00')`),
    ).toThrow('the stream was pruned');
    for (const sql of ['DELETE FROM pruned_streams', 'UPDATE pruned_streams SET at = 1'])
      expect(() => database.exec(sql)).toThrow('append-only');

    database.exec(`UPDATE transactions SET status = 'stuck' WHERE id = '${folder.old[1]}'`);
    expect(() => mark(`tx:${folder.old[1]}`)).toThrow('its retention');
    const resolution = (at: number) => `UPDATE transactions SET resolution = '{"at":${at}}'`;
    database.exec(resolution(Date.now()));
    expect(() => mark(`tx:${folder.old[1]}`)).toThrow('its retention');
    database.exec(resolution(Date.now() - OLD_MS));
    database.exec(`INSERT INTO locks VALUES ('a resource', '${folder.old[1]}')`);
    expect(() => mark(`tx:${folder.old[1]}`)).toThrow('its retention');
    database.exec('DELETE FROM locks');
    mark(`tx:${folder.old[1]}`);
    database.close();
  });
});
