import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { contentOf, inFolder, planFile, planOf, scratchFolder } from './cli-folder.ts';
import { errorOf, interlock, ROOT } from './cli-process.ts';

type Plan = ReturnType<typeof planOf> & {
  readonly steps: readonly { readonly input: Readonly<Record<string, unknown>> }[];
};

const base = planOf('narrow-ci-deploy') as Plan;
const text = JSON.stringify(base, undefined, 2);
const account = fs.readFileSync(join(ROOT, 'examples/acme-account.json'), 'utf8');

function withStep(change: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...base, steps: [{ ...base.steps[0], ...change }] });
}

function withDocument(characters: number): string {
  const Resource = `arn:aws:s3:::${'a'.repeat(characters)}`;
  const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  return withStep({ input: { ...base.steps[0]?.input, PolicyDocument } });
}

interface BadPlan {
  readonly what: string;
  readonly content: string;
  readonly code: string;
  /** What the message or the hint must name. */
  readonly names: string;
}

const steps101 = Array.from({ length: 101 }, (_, index) => ({ ...base.steps[0], id: `s${index}` }));

const PLANS: readonly BadPlan[] = [
  { what: 'no JSON', content: '{ "agent" }', code: 'invalid-json', names: 'at 1:11' },
  { what: 'a cut plan', content: text.slice(0, 300), code: 'invalid-json', names: 'at 13:20' },
  {
    what: '101 steps',
    content: JSON.stringify({ ...base, steps: steps101 }),
    code: 'invalid-plan',
    names: 'steps',
  },
  {
    what: 'an unknown action',
    content: withStep({ action: 'iam:PutRolePolice' }),
    code: 'unknown-action',
    names: 'did you mean `iam:PutRolePolicy`',
  },
  {
    what: 'an unknown field',
    content: JSON.stringify({ ...base, priority: 1 }),
    code: 'invalid-plan',
    names: 'priority',
  },
  {
    what: 'an unknown field of a step’s input',
    content: withStep({ input: { ...base.steps[0]?.input, Force: true } }),
    code: 'invalid-input',
    names: 'step 1 (`step-1`)',
  },
  {
    what: 'an integer beyond 2^53',
    content: text.replace('900000', '9007199254740993'),
    code: 'integer-too-large',
    names: 'at 27:17',
  },
  {
    what: 'a key that comes twice',
    content: text.replace('"agent"', '"agent": "iam-auditor", "agent"'),
    code: 'duplicate-key',
    names: 'at 2:27',
  },
  {
    what: 'the key `__proto__`',
    content: text.replace('"agent"', '"__proto__": { "agent": "x" }, "agent"'),
    code: 'forbidden-key',
    names: 'at 2:3',
  },
  {
    what: '10 MB',
    content: `${text}${' '.repeat(10 * 1024 * 1024)}`,
    code: 'file-too-large',
    names: 'above 262144',
  },
  {
    what: 'a policy document over the limit',
    content: withDocument(12_000),
    code: 'invalid-input',
    names: 'PolicyDocument: policy document exceeds 10240',
  },
  {
    what: 'a float',
    content: text.replace('900000', '1.5'),
    code: 'float-not-allowed',
    names: 'at 27:17',
  },
  { what: 'bytes that are no text', content: '\ufffd', code: 'not-utf8', names: 'UTF-8' },
];

describe('bad input', () => {
  const scratch = scratchFolder();
  const data = join(scratch, 'data');
  const none = join(scratch, 'none');
  let before: ReturnType<typeof contentOf> = {};

  beforeAll(async () => {
    await inFolder({ data }, async () => undefined);
    before = contentOf(data);
  });
  afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

  test.each(PLANS)('a plan with $what is refused, and nothing is written', async (bad) => {
    const file = join(scratch, `${bad.code}-${PLANS.indexOf(bad)}.json`);
    const bytes = bad.code === 'not-utf8' ? Buffer.from([0x22, 0xff, 0x22]) : bad.content;
    fs.writeFileSync(file, bytes);

    const ended = await interlock(['tx', 'propose', file, '--data', data, '--json']);

    const { code, message, hint } = errorOf(ended);
    expect([ended.code, code]).toEqual([2, bad.code]);
    expect(`${message} ${hint ?? ''}`).toContain(bad.names);
    expect(message.length).toBeLessThan(300);
    expect(contentOf(data)).toEqual(before);
  });

  test('an account file that is cut in the middle is refused, and nothing is made', async () => {
    const file = join(scratch, 'cut.json');
    fs.writeFileSync(file, account.slice(0, account.length / 2));
    const audit = ['audit', '--account', file, '--data', none, '--json'];

    const [report, apply] = await Promise.all([
      interlock(audit),
      interlock([...audit, '--apply', '--yes']),
    ]);

    for (const ended of [report, apply]) {
      expect(ended.code).toBe(2);
      expect(errorOf(ended)).toMatchObject({
        code: 'invalid-json',
        message: expect.stringMatching(/`.*cut\.json` at \d+:\d+: not JSON/),
      });
    }
    expect(fs.existsSync(none)).toBe(false);
  });

  test('a file that is not there, and a folder in its place', async () => {
    const [missing, folder] = await Promise.all([
      interlock(['tx', 'propose', join(scratch, 'nope.json'), '--data', data, '--json']),
      interlock(['policy', 'explain', scratch, '--data', data, '--json']),
    ]);

    expect([missing.code, errorOf(missing).code]).toEqual([2, 'file-not-found']);
    expect([folder.code, errorOf(folder).code]).toEqual([2, 'file-unreadable']);
    expect(contentOf(data)).toEqual(before);
  });

  test('without a data folder, commands that need one say so and make none', async () => {
    const on = (...args: string[]) => interlock([...args, '--data', none, '--json']);
    const all = await Promise.all([
      on('tx', 'list'),
      on('tx', 'propose', planFile('detach-legacy')),
      on('tx', 'propose', planFile('detach-legacy'), '--dry-run'),
      on('kill', 'engage', '--mode', 'halt', '--scope', 'all', '--reason', 'x', '--yes'),
      on('evidence', 'verify', '--all'),
      on('resume'),
    ]);

    for (const ended of all) {
      expect(ended.code).toBe(1);
      expect(errorOf(ended)).toMatchObject({
        code: 'data-folder-not-found',
        hint: expect.stringContaining('interlock audit'),
      });
    }
    expect(fs.existsSync(none)).toBe(false);
  });

  test('a data folder that is damaged is said to be so, without a stack', async () => {
    const broken = join(scratch, 'broken');
    fs.cpSync(data, broken, { recursive: true });
    fs.writeFileSync(join(broken, 'interlock.db'), 'this is no database, and it is long enough');
    const keyless = join(scratch, 'keyless');
    fs.cpSync(data, keyless, { recursive: true });
    fs.rmSync(join(keyless, 'key.pem'));
    const list = (folder: string) => interlock(['tx', 'list', '--data', folder, '--json']);

    const [unreadable, lost, doctor] = await Promise.all([
      list(broken),
      list(keyless),
      interlock(['doctor', '--data', broken]),
    ]);

    expect([unreadable.code, errorOf(unreadable).code]).toEqual([1, 'store-damaged']);
    expect([lost.code, errorOf(lost).code]).toEqual([2, 'key-missing']);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/fail +store/);
    expect(fs.existsSync(join(keyless, 'key.pem'))).toBe(false);
  });

  test('an id that does not exist is said to be unknown', async () => {
    const on = (...args: string[]) => interlock([...args, '--data', data, '--json']);
    const [show, watch, exported] = await Promise.all([
      on('tx', 'show', 'tx-none'),
      on('tx', 'watch', 'tx-none'),
      on('tx', 'export', 'tx-none', '--out', join(scratch, 'out.json')),
    ]);

    for (const ended of [show, watch, exported])
      expect([ended.code, errorOf(ended).code]).toEqual([1, 'transaction-not-found']);
    expect(fs.existsSync(join(scratch, 'out.json'))).toBe(false);
  });
});
