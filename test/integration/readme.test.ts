import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parsePlan } from '../../core/plan.ts';

const README = readFileSync('README.md', 'utf8');
const NODE = resolve('node_modules/.bin/node');
const MAIN = resolve('cli/main.ts');

let folder: string;
let transactionId = '';

/** Runs one line of the README in a folder of its own, as a shell would. */
const run = (line: string): Promise<{ code: number; stdout: string }> => {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word);
  const args = words.slice(2).map((word) => (word === 'ID' ? transactionId : (word as string)));
  return new Promise((done) => {
    execFile(NODE, [MAIN, ...args], { cwd: folder }, (error, stdout) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout });
    });
  });
};

const commands = README.split('\n')
  .filter((line) => line.startsWith('npx interlock '))
  .map((line) => line.replace(/\s+#.*$/, ''));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-readme-'));
  cpSync('examples', join(folder, 'examples'), { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('the README', () => {
  test('has commands to try', () => {
    expect(commands.length).toBeGreaterThan(6);
  });

  test('every command works, one after the other', async () => {
    for (const line of commands) {
      const { code, stdout } = await run(line);
      if (line.endsWith('tx list')) transactionId = /tx-[0-9a-f]+/.exec(stdout)?.[0] ?? '';

      expect([line, code]).toEqual([line, 0]);
      expect(stdout.length).toBeGreaterThan(0);
    }
    expect(transactionId).not.toBe('');
  }, 60_000);

  test('the plan that it shows is a plan', () => {
    const [, text = ''] = /```json\n([\s\S]*?)```/.exec(README) ?? [];

    expect(parsePlan(JSON.parse(text)).steps).toHaveLength(1);
  });
});
