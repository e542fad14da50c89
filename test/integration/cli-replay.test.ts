import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CounterfactualReport, ReplayReport } from '../../cli/json-shapes.ts';
import { inFolder, planFile, scratchFolder } from './cli-folder.ts';
import { errorOf, interlock, interlockJson, ROOT } from './cli-process.ts';

const NO_SOCKETS = join(ROOT, 'test/integration/support/no-sockets.ts');
const PLANS = ['close-temporary-access', 'trim-portal', 'refused-by-policy'];
const ONE_MORE = `
@id("no-detach-is-verified")
@advice("somebody looks first")
forbid (principal, action == Action::"verify:iam:DetachRolePolicy", resource);
`;

describe('replay on the command line', () => {
  const scratch = scratchFolder();
  const data = join(scratch, 'data');
  const bundle = join(scratch, 'bundle.json');
  const policies = join(scratch, 'policies');
  const on = (...args: string[]) => [...args, '--data', data];
  let ids: string[] = [];

  beforeAll(async () => {
    await inFolder({ data }, async () => undefined);
    for (const name of PLANS) await interlock(on('tx', 'propose', planFile(name)));
    const { stdout } = await interlock(on('tx', 'list', '--json'));
    const list = JSON.parse(stdout) as { transactions: { id: string }[] };
    ids = list.transactions.map(({ id }) => id).reverse();
    await interlock(on('tx', 'export', ids[0] ?? '', '--out', bundle));
    fs.cpSync(join(ROOT, 'policies'), policies, { recursive: true });
    fs.appendFileSync(join(policies, 'baseline.cedar'), ONE_MORE);
  }, 60_000);
  afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

  test('runs one, all, and a bundle anywhere, and opens no socket', async () => {
    const preload = { preload: NO_SOCKETS };
    const elsewhere = ['replay', bundle, '--data', join(scratch, 'nothing')];

    const one = await interlock(on('replay', ids[0] ?? '', '--json'), preload);
    const all = await interlock(on('replay', '--since', '1d', '--json'), preload);
    const file = await interlock([...elsewhere, '--json'], preload);

    expect([one.code, all.code, file.code]).toEqual([0, 0, 0]);
    const reports = [one, all, file].map(({ stdout }) => ReplayReport.parse(JSON.parse(stdout)));
    expect(reports.map(({ ok, transactions }) => [ok, transactions.length])).toEqual([
      [true, 1],
      [true, PLANS.length],
      [true, 1],
    ]);
    expect(reports[2]?.transactions[0]?.streamId).toBe(`tx:${ids[0]}`);
    expect(fs.existsSync(join(scratch, 'nothing'))).toBe(false);
  });

  test('would notice a socket', () => {
    const script = "require('node:net').connect(9, '127.0.0.1')";

    const ended = spawnSync(process.execPath, ['--import', NO_SOCKETS, '--eval', script]);

    expect(ended.status).toBe(99);
  });

  test('tells under other policies what would have differed, for CI to fail on', async () => {
    const same = await interlockJson(
      CounterfactualReport,
      on('replay', '--since', '1d', '--policies', join(ROOT, 'policies')),
    );
    const other = await interlockJson(
      CounterfactualReport,
      on('replay', '--since', '1d', '--policies', policies),
    );
    const text = await interlock(on('replay', '--since', '1d', '--policies', policies));

    expect([same.code, same.value.same, same.value.differs]).toEqual([0, PLANS.length, 0]);
    expect(other.code).toBe(4);
    expect(other.value.same).toBeGreaterThan(0);
    const differing = other.value.transactions.filter(({ verdict }) => verdict === 'differs');
    expect(differing).toHaveLength(other.value.differs);
    expect(differing[0]?.turn).toMatchObject({
      action: 'verify:iam:DetachRolePolicy',
      recorded: 'allow',
      answer: 'deny',
      policies: ['no-detach-is-verified'],
    });
    expect(differing[0]?.would?.status).toBe('compensated');
    expect(differing[0]?.sentence).toMatch(
      /^would stop at step \d by policy `no-detach-is-verified`, compensate [\d, and]+, end `compensated`$/,
    );
    expect(text.code).toBe(4);
    expect(text.stdout).toContain('would differ');
  });

  test('names the record that was changed on disk', async () => {
    const copy = join(scratch, 'copy');
    fs.cpSync(data, copy, { recursive: true });
    const database = new DatabaseSync(join(copy, 'interlock.db'));
    database.exec('DROP TRIGGER records_are_final');
    database
      .prepare(
        `UPDATE records SET bytes = CAST(replace(CAST(bytes AS TEXT), ?, ?) AS BLOB)
         WHERE stream_id = ?`,
      )
      .run('"purpose":"', '"purpose":"not to ', `tx:${ids[0]}`);
    database.close();

    const { code, value } = await interlockJson(ReplayReport, [
      ...['replay', ids[0] ?? '', '--data', copy],
    ]);
    const text = await interlock(['replay', ids[0] ?? '', '--data', copy]);

    expect([code, value.ok]).toEqual([6, false]);
    expect(value.transactions[0]?.divergence).toMatchObject({ seq: 0, field: 'data.planDigest' });
    expect(text.stdout).toContain('diverges at record 0');
  });

  test('refuses what it cannot replay with a next step', async () => {
    const ended = await Promise.all(
      [
        ['replay'],
        ['replay', 'tx-nothing'],
        ['replay', '--since', 'yesterday'],
        ['replay', ids[0] ?? '', '--since', '1d'],
        ['replay', planFile('trim-portal')],
        ['replay', ids[0] ?? '', '--policies', join(scratch, 'nothing')],
      ].map((args) => interlock(on(...args, '--json'))),
    );

    expect(ended.map(({ code }) => code)).toEqual([2, 2, 2, 2, 6, 1]);
    expect(ended.map((one) => errorOf(one).code)).toEqual([
      ...['usage', 'usage', 'usage', 'usage', 'record-not-canonical', 'no-policies'],
    ]);
  });
});
