import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TransactionAt, TransactionDetail, TransactionDiff } from '../../cli/json-shapes.ts';
import type { LocalOptions } from '../../cli/open.ts';
import { cancel } from '../../core/tasks/cancel.ts';
import { inFolder, proposeIn, scratchFolder } from './cli-folder.ts';
import { errorOf, interlock, interlockJson } from './cli-process.ts';
import { newToken, startServe } from './serve-process.ts';

const scratch = scratchFolder();
const data = join(scratch, 'data');
const on = (...args: string[]) => [...args, '--data', data];
let committed = '';
let rejected = '';
let compensated = '';

let onVerified = async (): Promise<unknown> => undefined;
const watched: NonNullable<LocalOptions['wrap']> = (ports) => ({
  ...ports,
  store: {
    ...ports.store,
    async change(wanted) {
      await ports.store.change(wanted);
      if (wanted.records.some((one) => one.kind === 'verified')) await onVerified();
    },
  },
});

beforeAll(() =>
  inFolder({ data, wrap: watched }, async (plane) => {
    const done = await proposeIn(plane, 'close-temporary-access');
    const refused = await proposeIn(plane, 'refused-by-policy');
    const undone = await proposeIn(plane, 'narrow-ci-deploy');
    await plane.run(done);
    await plane.run(refused);
    // Its first step is verified by then.
    onVerified = () => cancel(plane.ports, plane.caller, undone.id);
    await plane.run(undone);
    [committed, rejected, compensated] = [done.id, refused.id, undone.id];
  }),
);
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

describe('tx show --at', () => {
  const at = (id: string, seq: number) =>
    interlockJson(TransactionAt, on('tx', 'show', id, '--at', String(seq)));

  test('goes from nothing known to everything, record by record', async () => {
    const { value } = await interlockJson(TransactionDetail, on('tx', 'show', committed));
    const seqOf = (kind: string) => value.records.findLast((one) => one.kind === kind)?.seq ?? -1;
    const moments = ['proposed', 'located', 'preflighted', 'claimed', 'verified', 'outcome'];

    const seen = await Promise.all(moments.map((kind) => at(committed, seqOf(kind))));

    const told = seen.map(({ code, value: { transaction, steps, record } }) => {
      const { target, before, claims, verified } = steps.at(-1) ?? { claims: [] };
      return {
        ...{ code, kind: record.kind, status: transaction.status },
        isLocated: target !== undefined,
        isPredicted: before !== undefined,
        answers: claims.map(({ answer }) => answer ?? 'open'),
        isVerified: verified?.ok === true,
      };
    });
    const nothing = { code: 0, isLocated: false, isPredicted: false, isVerified: false };
    const located = { ...nothing, isLocated: true };
    const predicted = { ...located, isPredicted: true };
    const verified = { ...predicted, isVerified: true };
    expect(told).toEqual([
      { ...nothing, kind: 'proposed', status: 'proposed', answers: [] },
      { ...located, kind: 'located', status: 'proposed', answers: [] },
      { ...predicted, kind: 'preflighted', status: 'running', answers: [] },
      { ...predicted, kind: 'claimed', status: 'running', answers: ['open'] },
      { ...verified, kind: 'verified', status: 'running', answers: ['applied'] },
      { ...verified, kind: 'outcome', status: 'committed', answers: ['applied'] },
    ]);
    expect(seen[0]?.value.records).toBe(value.records.length);
  });

  test('says in words what was known', async () => {
    const { code, stdout } = await interlock(on('tx', 'show', compensated, '--at', '5'));

    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${compensated} {2}running\n`));
    expect(stdout).toMatch(/record {3}5 of 0 to \d+: claimed of step 1/);
    expect(stdout).toContain('decided for apply: allow (');
    expect(stdout).toContain('apply 1: claimed\n');
    expect(stdout).toContain('decided for preflight: allow (');
  });

  test.each([
    ['999', 'no-such-record'],
    ['-1', 'usage'],
    ['1.5', 'usage'],
    ['last', 'usage'],
    ['', 'usage'],
  ])('refuses `%s`', async (seq, expected) => {
    const ended = await interlock(on('tx', 'show', committed, `--at=${seq}`, '--json'));

    expect([ended.code, errorOf(ended).code]).toEqual([2, expected]);
  });

  test('needs a transaction that is there', async () => {
    const ended = await interlock(on('tx', 'show', 'tx-none', '--at', '0', '--json'));

    expect([ended.code, errorOf(ended).code]).toEqual([1, 'transaction-not-found']);
  });
});

describe('tx diff', () => {
  const diff = (id: string, ...more: string[]) =>
    interlockJson(TransactionDiff, on('tx', 'diff', id, ...more));
  const namesOf = ({ steps }: TransactionDiff) =>
    steps.map(({ states }) => states.map(({ name }) => name).join(' '));

  test('shows what was read back, what was taken back and what was only predicted', async () => {
    const [done, undone, never] = await Promise.all([
      diff(committed),
      diff(compensated),
      diff(rejected),
    ]);

    expect([done.code, undone.code, never.code]).toEqual([0, 0, 0]);
    expect(namesOf(done.value)).toEqual(['before after', 'before after', 'before after']);
    expect(namesOf(undone.value)).toEqual(['before after restored', 'before predicted']);
    expect(new Set(namesOf(never.value))).toEqual(new Set(['before predicted']));
    const [first] = undone.value.steps;
    expect(first?.states[2]?.digest).toBe(first?.states[0]?.digest);
    expect(first?.changes.map(({ from, to }) => [from, to])).toEqual([
      ['before', 'after'],
      ['after', 'restored'],
    ]);
  });

  test('opens documents line by line and says the rest in one line', async () => {
    const [documents, undone] = await Promise.all([
      interlock(on('tx', 'diff', compensated)),
      interlock(on('tx', 'diff', compensated, '--step', '2')),
    ]);

    expect(documents.stdout).toMatch(/^ {2}\+ +"Effect": "Allow",?$/m);
    expect(documents.stdout).toMatch(/^ {2}and back:$/m);
    expect(documents.stdout).toMatch(/^ {2}- +"Effect": "Allow",?$/m);
    expect(undone.stdout).toMatch(/^ {2}\S+:role\/ci-deploy\S+policy\/acme-ci-deploy$/m);
    expect(undone.stdout).toContain('  attached: true -> false\n');
    expect(undone.stdout).not.toContain('step 1');
  });

  test('refuses a step that is not there', async () => {
    const [none, zero, text] = await Promise.all(
      ['3', '0', 'x'].map((step) =>
        interlock(on('tx', 'diff', compensated, '--step', step, '--json')),
      ),
    );

    expect([none, zero, text].map((ended) => ended && [ended.code, errorOf(ended).code])).toEqual([
      [2, 'no-such-step'],
      [2, 'no-such-step'],
      [2, 'usage'],
    ]);
  });
});

test('both say the same of a control plane elsewhere', async () => {
  const token = await newToken(data, '--agent', 'iam-auditor');
  const served = await startServe(data);
  const elsewhere = ['--endpoint', served.url, '--token', token];
  try {
    const [hereAt, thereAt, hereDiff, thereDiff, missing] = await Promise.all([
      interlock(on('tx', 'show', compensated, '--at', '7', '--json')),
      interlock(['tx', 'show', compensated, '--at', '7', '--json', ...elsewhere]),
      interlock(on('tx', 'diff', committed, '--json')),
      interlock(['tx', 'diff', committed, '--json', ...elsewhere]),
      interlock(['tx', 'diff', 'tx-none', '--json', ...elsewhere]),
    ]);

    expect(JSON.parse(thereAt.stdout)).toEqual(JSON.parse(hereAt.stdout));
    expect(JSON.parse(thereDiff.stdout)).toEqual(JSON.parse(hereDiff.stdout));
    expect([thereAt.code, thereDiff.code]).toEqual([0, 0]);
    expect([missing.code, errorOf(missing).code]).toEqual([1, 'transaction-not-found']);
  } finally {
    await served.end('SIGKILL');
  }
});
