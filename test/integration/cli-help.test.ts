import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PolicyTest } from '../../cli/json-shapes.ts';
import { errorOf, interlock, interlockJson, ROOT } from './cli-process.ts';

interface Page {
  readonly name: string;
  readonly help: string;
  readonly options: readonly string[];
}

const COMMANDS = [
  'audit',
  ...['propose', 'list', 'show', 'diff', 'watch', 'approve', 'refuse'].map((name) => `tx ${name}`),
  ...['cancel', 'undo', 'resolve', 'export'].map((name) => `tx ${name}`),
  'drift',
  ...['verify', 'key', 'checkpoint', 'rotate-key'].map((name) => `evidence ${name}`),
  ...['salvage', 'retention', 'prune'].map((name) => `evidence ${name}`),
  'replay',
  ...['kill status', 'kill engage', 'kill release', 'resume'],
  ...['policy test', 'policy explain', 'serve', 'token create', 'token list', 'token revoke'],
  'doctor',
];

describe('what commands say of themselves', () => {
  const script = join(ROOT, 'test/integration/cli-print-help.ts');
  const pages = JSON.parse(
    execFileSync(process.execPath, [script], { encoding: 'utf8' }),
  ) as Page[];

  test('all commands are there', () => {
    expect(pages.map(({ name }) => name)).toEqual(COMMANDS);
  });

  test.each(pages)('$name has an example and the shared options', ({ name, help }) => {
    expect(help).toContain(`interlock ${name}`);
    expect(help).toMatch(new RegExp(`Examples?:\n +(\\$ )?interlock ${name}`));
    expect(help).toContain('--json');
    expect(help).toContain('--data <dir>');
  });

  test.each([
    'tx approve',
    'tx cancel',
    'tx resolve',
    'kill engage',
    'kill release',
    'audit',
    'evidence prune',
  ])('%s can be confirmed with --yes', (name) => {
    expect(pages.find((page) => page.name === name)?.options).toContain('--yes');
  });
});

describe('usage', () => {
  const codes = async (...args: string[]) => {
    const ended = await interlock([...args, '--json']);
    return [ended.code, errorOf(ended)] as const;
  };

  test('what cannot be understood ends with 2 and says what was meant', async () => {
    const [none, unknown, near, option] = await Promise.all([
      codes(),
      codes('frobnicate'),
      codes('tx', 'lsit'),
      codes('tx', 'list', '--limit', '0'),
    ]);

    expect([none[0], unknown[0], near[0], option[0]]).toEqual([2, 2, 2, 2]);
    expect(none[1].message).toBe('a command is missing');
    expect(unknown[1]).toMatchObject({ code: 'usage', message: 'unknown command `frobnicate`' });
    expect(near[1].hint).toBe('did you mean `list`?');
    expect(option[1].message).toContain('a number from 1 to 1000');
  });

  test('--help and --version end with 0 and print on stdout', async () => {
    const [help, version] = await Promise.all([
      interlock(['tx', 'propose', '--help']),
      interlock(['--version']),
    ]);

    expect([help.code, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('--dry-run');
    expect([version.code, version.stderr]).toEqual([0, '']);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('policies on the command line', () => {
  test('the cases of the policies pass, and a folder without policies fails', async () => {
    const [own, none] = await Promise.all([
      interlockJson(PolicyTest, ['policy', 'test']),
      interlock(['policy', 'test', '--policies', 'examples', '--json']),
    ]);

    expect([own.code, own.value.failed]).toEqual([0, 0]);
    expect(own.value.passed).toBe(own.value.cases.length);
    expect(own.value.passed).toBeGreaterThan(20);
    expect([none.code, errorOf(none).code]).toEqual([1, 'no-policies']);
  });
});
