import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parsePlan } from '../../core/plan.ts';

const README = readFileSync('README.md', 'utf8');
const NODE = resolve('node_modules/.bin/node');
const MAIN = resolve('cli/main.ts');
/** What the documents call commands; anything else that follows the name is prose. */
const COMMANDS = /^(audit|doctor|drift|evidence|kill|policy|resume|serve|token|tx) /;

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

const here = README.split('\n')
  .filter((line) => line.startsWith('npx interlock '))
  .map((line) => line.replace(/\s+#.*$/, ''));
const commands = here.filter((line) => !line.includes('--endpoint'));

/** Every command that a document names, in its text too; without what the shell adds. */
const named = ['README.md', 'docs/deploying.md', 'docs/operating.md', 'docs/alarms.md'].flatMap(
  (file) =>
    [...readFileSync(file, 'utf8').matchAll(/\binterlock ((?:[a-z]+ )+)([^`\n]*)/g)]
      .filter(([, path = '']) => COMMANDS.test(path))
      .map(([, path = '', rest = '']) => `${path}${rest}`),
);

interface Page {
  readonly name: string;
  readonly options: readonly string[];
}

function isCommand(line: string, pages: readonly Page[]): boolean {
  const page = pages.find(({ name }) => `${line} `.startsWith(`${name} `));
  const options = [...line.matchAll(/(?<= )--[a-z-]+/g)].map(([option]) => option);
  return page !== undefined && options.every((one) => [...page.options, '--json'].includes(one));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-readme-'));
  for (const name of ['examples', 'policies'])
    cpSync(name, join(folder, name), { recursive: true });
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

  test('every command of the documents is one, with options that it has', () => {
    const script = resolve('test/integration/cli-print-help.ts');
    const pages = JSON.parse(execFileSync(NODE, [script], { encoding: 'utf8' })) as Page[];

    const wrong = named.filter((line) => !isCommand(line, pages));

    expect(named.length).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
    expect(isCommand('kill release --mode halt', pages)).toBe(false);
    expect(isCommand('tx revert ID', pages)).toBe(false);
  });

  test('the plan that it shows is a plan', () => {
    const [, text = ''] = /```json\n([\s\S]*?)```/.exec(README) ?? [];

    expect(parsePlan(JSON.parse(text)).steps).toHaveLength(1);
  });
});
