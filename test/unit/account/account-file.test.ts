import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openAccount } from '../../../adapters/embedded/account/account.ts';
import { groupSyncs } from '../../../adapters/embedded/barrier.ts';
import { NOW_MS } from './account-world.ts';

describe('a barrier', () => {
  it('shares one later sync among those who come while one is in flight', async () => {
    const releases: (() => void)[] = [];
    const barrier = groupSyncs(
      () => new Promise((resolve) => void releases.push(resolve)),
      () => undefined,
    );

    const all = [barrier.wait(), barrier.wait(), barrier.wait()];
    const started = releases.length;
    releases[0]?.();
    await all[0];
    await new Promise((resolve) => setImmediate(resolve));
    releases[1]?.();
    await Promise.all(all);

    expect([started, releases.length, barrier.count(), barrier.syncs()]).toEqual([1, 2, 3, 2]);
  });

  it('fails for good once a sync failed', async () => {
    const barrier = groupSyncs(
      () => Promise.reject(new Error('io')),
      () => undefined,
    );

    await expect(barrier.wait()).rejects.toMatchObject({ code: 'sync-failed' });
    await expect(barrier.wait()).rejects.toMatchObject({ code: 'sync-failed' });
  });
});

describe('the account file', () => {
  it('is the same after it was closed and opened, and shared by two openers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'interlock-account-'));
    const path = join(folder, 'account.db');
    const first = openAccount(path, { now: () => NOW_MS });
    const second = openAccount(path, { now: () => NOW_MS });
    await first.admin().call({ operation: 'iam:CreateUser', input: { UserName: 'ann' } });
    await second.admin().call({ operation: 'iam:CreateUser', input: { UserName: 'bob' } });
    const digest = first.digest();
    first.close();
    second.close();

    const again = openAccount(path, { now: () => NOW_MS });

    expect([again.digest(), again.mutations().length]).toEqual([digest, 2]);
    again.close();
    rmSync(folder, { recursive: true });
  });

  const sample = join(process.cwd(), '../shared/data/iam/account-sandbox.json');
  it('round-trips the sandbox account', () => {
    if (!existsSync(sample))
      return console.warn('SKIPPED: ../shared/data is absent; 0 of 1 files ran');
    const account = openAccount(':memory:');
    const source: unknown = JSON.parse(readFileSync(sample, 'utf8'));
    account.load(source);
    const digest = account.digest();
    const written = account.toGaad();

    account.load(written);

    expect(account.digest()).toBe(digest);
    expect(account.toGaad()).toEqual(written);
    const roles = (value: unknown) => (value as { RoleDetailList: unknown }).RoleDetailList;
    expect(roles(written)).toEqual(roles(source));
  });

  it.each([
    [[]],
    [{ RoleDetailList: {} }],
    [{ RoleDetailList: [{ RoleName: 'x' }] }],
    [{ Policies: [7] }],
  ])('refuses %j with a code', (gaad) => {
    const account = openAccount(':memory:');

    expect(() => account.load(gaad)).toThrow(expect.objectContaining({ code: 'account-invalid' }));
  });
});
