import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DriftReport, ReplayReport } from '../../cli/json-shapes.ts';
import { interlock, interlockJson } from './cli-process.ts';
import { type AgedFolder, makeAgedFolder } from './support/aged-folder.ts';
import { attack, verified } from './support/log-folder.ts';

let folder: AgedFolder;
let data: string;
let archive: string;
beforeAll(async () => {
  folder = await makeAgedFolder();
  ({ data, archive } = folder.copy('pruned'));
  const prune = ['evidence', 'prune', '--older-than', '190', '--archive', archive, '--yes'];
  expect((await interlock([...prune, '--data', data])).code).toBe(0);
});
afterAll(() => folder.remove());

const stream = (index: number) => `tx:${folder.old[index]}`;

describe('the log of what was pruned', () => {
  test('is whole, and tells no stream as deleted', async () => {
    const { problems, bad } = await verified(data);

    expect(problems).toEqual([]);
    expect(bad).toEqual([`tx:${folder.open}`]);
  });

  test('names what was taken away and called pruned', async () => {
    const { data: other } = folder.copy('taken-away');
    attack(other, (database) => {
      database.prepare('DELETE FROM records WHERE stream_id = ?').run(stream(0));
      database.prepare('INSERT INTO pruned_streams VALUES (?, 1, ?, 0)').run(stream(0), 'x');
    });

    const { ok, problems } = await verified(other);

    expect(ok).toBe(false);
    expect(problems).toContain(
      `\`${stream(0)}\` is not in the store, and no record tells that it was pruned`,
    );
  });

  test('names an archive that was made another, and seals that are gone', async () => {
    const { data: other } = folder.copyOf(data, 'changed');
    attack(other, (database) => {
      database
        .prepare('UPDATE pruned_streams SET archive_digest = ? WHERE stream_id = ?')
        .run('0'.repeat(64), stream(0));
      database.prepare('DELETE FROM seals WHERE stream_id = ?').run(stream(1));
    });

    const { ok, problems } = await verified(other);

    expect(ok).toBe(false);
    expect(problems).toEqual(
      expect.arrayContaining([
        `\`${stream(0)}\` was pruned otherwise than its record tells`,
        `\`${stream(1)}\` was pruned, and the log has no seal of all of it`,
        expect.stringContaining(`\`${stream(1)}\` has no seals in the store: it was deleted`),
      ]),
    );
  });

  test('does not stop drift and replay, which go on with the rest', async () => {
    const drift = await interlockJson(DriftReport, ['drift', '--data', data]);
    const recent = await interlockJson(DriftReport, ['drift', '--since', '30d', '--data', data]);
    const replay = await interlockJson(ReplayReport, ['replay', '--since', '400d', '--data', data]);
    const archived = await interlockJson(ReplayReport, [
      ...['replay', join(archive, `${folder.old[0]}.json`), '--data', data],
    ]);

    expect(drift).toMatchObject({ code: 1, value: { drifted: [] } });
    expect(drift.value.unreadable.length).toBeGreaterThan(0);
    for (const { code, transactionId } of drift.value.unreadable) {
      expect(code).toBe('evidence-pruned');
      expect(folder.old).toContain(transactionId);
    }
    expect(recent).toMatchObject({ code: 0, value: { ok: true } });
    expect(replay).toMatchObject({ code: 0, value: { ok: true } });
    expect(replay.value.transactions.map(({ streamId }) => streamId)).toEqual(
      [folder.open, folder.young].map((id) => `tx:${id}`),
    );
    expect(archived).toMatchObject({ code: 0, value: { ok: true } });
  });
});
