import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ACME } from './support/accounts.ts';
import { interlock, scratchFolder } from './support/run-program.ts';

const folder = scratchFolder();
const data = folder.inside('data');
afterAll(() => folder.remove());

describe('audit of what is no account', () => {
  const whole = readFileSync(ACME, 'utf8');

  it.each([
    ['broken JSON', '{ "UserDetailList": [,] }', 'invalid-json'],
    ['a file cut in the middle', whole.slice(0, whole.length / 2), 'invalid-json'],
    ['a list', '[]', 'account-invalid'],
    ['a user without an ARN', '{ "UserDetailList": [{ "UserName": "x" }] }', 'account-invalid'],
    ['a file without roles', '{ "UserDetailList": [] }', 'invalid-account'],
    ['a duplicate key', '{ "Policies": [], "Policies": [] }', 'duplicate-key'],
  ])('%s: exit 2, the place, no stack, nothing written', async (_, text, code) => {
    const file = folder.inside('bad.json');
    writeFileSync(file, text);

    const audit = ['audit', '--account', file, '--data', data];
    const [report, apply] = await Promise.all([
      interlock(...audit, '--json'),
      interlock(...audit, '--apply', '--yes'),
    ]);

    expect([report.code, apply.code]).toEqual([2, 2]);
    expect(report.stdout).toBe('');
    expect(JSON.parse(report.stderr)).toMatchObject({ error: { code } });
    expect(report.stderr + apply.stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(data)).toBe(false);
  });

  it.each([
    [['audit', '--account', ACME, '--apply'], 2, 'confirmation-needed'],
    [['audit', '--account', ACME, '--report', '--apply'], 2, 'usage'],
    [['audit', '--account', ACME, '--write-account', 'x.json'], 2, 'usage'],
    [['audit', '--account', ACME, '--fail-on', 'dreadful'], 2, 'usage'],
    [
      ['audit', '--account', ACME, '--apply', '--yes', '--write-account', 'no-folder/x.json'],
      2,
      'file-unwritable',
    ],
    [
      ['audit', '--account', ACME, '--apply', '--yes', '--write-account', 'docs'],
      2,
      'file-unwritable',
    ],
    [['audit', '--account', 'no-such-file.json'], 2, 'file-not-found'],
    [['audit'], 1, 'data-folder-not-found'],
    [['audit', '--apply', '--yes'], 1, 'data-folder-not-found'],
  ])('%j: exit %i, %s, nothing written', async (args, exit, code) => {
    const ran = await interlock(...args, '--json', '--data', data);

    expect(ran.code).toBe(exit);
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code } });
    expect(existsSync(data)).toBe(false);
  });
});
