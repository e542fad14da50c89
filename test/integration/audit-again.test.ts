import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuditJson } from '../../cli/audit/audit-json.ts';
import { isFinal } from '../../core/transaction.ts';
import { gains } from '../brute-force/gains.ts';
import { ACME, readAccount } from './support/accounts.ts';
import { effectsIn, truthOf } from './support/data-folder-truth.ts';
import { interlock, scratchFolder, startProgram } from './support/run-program.ts';

const folder = scratchFolder();
const data = folder.inside('data');
const written = folder.inside('after.json');
beforeAll(async () => {
  const options = ['--apply', '--yes', '--write-account', written, '--data', data];
  await interlock('audit', '--account', ACME, ...options);
});
afterAll(() => folder.remove());

describe('the brute force', () => {
  it('finds what the way back would give', () => {
    const before = readAccount(ACME);
    const after = readAccount(written);

    expect(gains(after, before).length).toBeGreaterThan(0);
  });
});

describe('audit --apply once more', () => {
  it('on the account that it left proposes nothing', async () => {
    const ran = await interlock('audit', '--apply', '--yes', '--data', data, '--json');

    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({ plans: [], transactions: [] });
  });

  it('on the same file loads it afresh and runs every plan as a new transaction', async () => {
    const before = await truthOf(data);

    const options = ['--apply', '--yes', '--fail-on', 'high', '--data', data];
    const ran = await interlock('audit', '--account', ACME, ...options);

    const truth = await truthOf(data);
    // What is left for people is of that severity.
    expect(ran.code).toBe(4);
    expect(ran.stdout).not.toContain('\u001b');
    expect(truth.digest).toBe(before.digest);
    expect(truth.transactions).toHaveLength(2 * before.transactions.length);
    expect(new Set(truth.transactions.map((each) => each.status))).toEqual(new Set(['committed']));
  });

  it('under an engaged kill switch loads nothing and applies nothing', async () => {
    const before = await truthOf(data);
    const halt = ['kill', 'engage', '--mode', 'drain', '--scope', 'all', '--reason', 'test'];
    await interlock(...halt, '--yes', '--data', data);

    const options = ['--apply', '--yes', '--data', data, '--json'];
    const ran = await interlock('audit', '--account', ACME, ...options);

    const truth = await truthOf(data);
    expect(ran).toMatchObject({ code: 5, stdout: '' });
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: 'drain' } });
    expect(truth.calls).toHaveLength(before.calls.length);
    expect(truth.digest).toBe(before.digest);
  });
});

describe('audit --apply interrupted by Ctrl-C', () => {
  it('exits 130, loses nothing, and goes on when applied again', async () => {
    const where = folder.inside('interrupted');
    const options = ['--apply', '--yes', '--json', '--data', where];
    const { child, ended } = startProgram('cli/main.ts', ['audit', '--account', ACME, ...options]);
    while (child.exitCode === null && effectsIn(where) < 5) await sleep(1);

    child.kill('SIGINT');
    const ran = await ended;

    const between = await truthOf(where);
    const again = await interlock('audit', '--apply', '--yes', '--data', where);
    const truth = await truthOf(where);
    expect([ran.code, again.code]).toEqual([130, 0]);
    expect(ran.stderr).toContain('interlock resume');
    expect(AuditJson.parse(JSON.parse(ran.stdout)).transactions.length).toBeGreaterThan(0);
    expect(between.transactions.length).toBeLessThan(23);
    expect(truth.transactions.filter((each) => !isFinal(each.status))).toEqual([]);
    expect(truth.unverified).toEqual([]);
    expect(truth.digest).toBe((await truthOf(data)).digest);
  });
});
