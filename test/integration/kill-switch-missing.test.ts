import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { caseNamed } from './support/action-cases.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const STEPS = [caseNamed('iam:DetachRolePolicy').step];

let folder: string;
let world: TestWorld;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-kill-'));
  world = openTestWorld({
    storePath: join(folder, 'interlock.db'),
    accountPath: join(folder, 'account.db'),
  });
});

afterEach(() => {
  world.close();
  rmSync(folder, { recursive: true });
});

describe('a kill switch that is not there', () => {
  const damage = (sql: string): void => {
    const database = new DatabaseSync(join(folder, 'interlock.db'));
    database.exec(sql);
    database.close();
  };
  const DAMAGES = [
    ['no row for the scope all', "DELETE FROM kill_switch WHERE scope = 'all'"],
    ['a mode that nobody knows', "UPDATE kill_switch SET mode = 'on' WHERE scope = 'all'"],
    ['an unreadable table', 'DROP TABLE kill_switch'],
  ] as const;

  test.each(DAMAGES)('%s means halted: nothing is proposed', async (_, sql) => {
    damage(sql);

    const proposed = world.propose(STEPS);

    await expect(proposed).rejects.toMatchObject({ name: 'HaltedError', code: 'halt' });
    expect(world.account.mutations()).toEqual([]);
  });

  test.each(DAMAGES)('%s means halted: what was proposed has no effect', async (_, sql) => {
    const transaction = await world.propose(STEPS);
    damage(sql);

    const ended = await world.run(transaction);

    expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'halted' } });
    expect(world.account.mutations()).toEqual([]);
  });

  test('opening the folder again does not write `running`', async () => {
    damage("DELETE FROM kill_switch WHERE scope = 'all'");
    const again = openTestWorld({
      storePath: join(folder, 'interlock.db'),
      accountPath: join(folder, 'account.db'),
      account: false,
    });

    const mode = await again.ports.killSwitch.effective([]);
    again.close();

    expect(mode).toBe('halt');
  });
});
