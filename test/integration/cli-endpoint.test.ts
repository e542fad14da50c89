import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  DryRun,
  KillStatus,
  Proposed,
  Resumed,
  TransactionDetail,
  TransactionList,
  TransactionSummary,
} from '../../cli/json-shapes.ts';
import { inFolder, planFile, proposeIn, scratchFolder } from './cli-folder.ts';
import { errorOf, interlock, interlockJson } from './cli-process.ts';
import { newToken, type Served, startServe } from './serve-process.ts';

let data: string;
let served: Served;
let agent: readonly string[];
let operator: readonly string[];
let other: readonly string[];

beforeAll(async () => {
  data = scratchFolder();
  await inFolder({ data }, async () => undefined);
  const tokens = await Promise.all([
    newToken(data, '--agent', 'iam-auditor'),
    newToken(data, '--operator', 'alice'),
    newToken(data, '--operator', 'bob'),
  ]);
  served = await startServe(data);
  const as = (index: number) => ['--endpoint', served.url, '--token', tokens[index] as string];
  [agent, operator, other] = [as(0), as(1), as(2)];
});

afterAll(async () => {
  await served.end('SIGKILL');
  fs.rmSync(data, { recursive: true, force: true });
});

const PLAN = planFile('detach-legacy');

describe('the command line with --endpoint', () => {
  test('needs to know who calls, and an address', async () => {
    const [nobody, both, odd] = await Promise.all([
      interlock(['tx', 'list', '--endpoint', served.url, '--json']),
      interlock(['tx', 'list', ...agent, '--profile', 'x', '--json']),
      interlock(['tx', 'list', '--endpoint', 'ftp://x', '--token', 'x', '--json']),
    ]);

    for (const one of [nobody, both, odd]) expect(errorOf(one)).toMatchObject({ code: 'usage' });
  });

  test('says what the other side says, with the same exit codes as on the folder', async () => {
    const [unknown, missing, denied, refused] = await Promise.all([
      interlock(['tx', 'list', '--endpoint', served.url, '--token', 'x', '--json']),
      interlock(['tx', 'show', 'tx-none', ...agent, '--json']),
      interlock([
        'kill',
        'engage',
        '--mode',
        'halt',
        '--scope',
        'all',
        '--reason',
        'x',
        '--yes',
        ...agent,
        '--json',
      ]),
      interlock(['tx', 'propose', planFile('refused-by-policy'), '--dry-run', ...agent, '--json']),
    ]);

    expect(errorOf(unknown)).toMatchObject({ code: 'unauthenticated' });
    expect(errorOf(missing)).toMatchObject({ code: 'transaction-not-found' });
    expect(errorOf(denied)).toMatchObject({ code: 'operators-only' });
    expect([unknown.code, missing.code, denied.code, refused.code]).toEqual([1, 1, 7, 7]);
    expect(DryRun.parse(JSON.parse(refused.stdout)).answer).toBe('deny');
  });

  test('an endpoint where nobody answers is named as such', async () => {
    const closed = await startServe(data);
    await closed.end('SIGKILL');

    const ended = await interlock([
      'kill',
      'status',
      '--endpoint',
      closed.url,
      '--token',
      'x',
      '--json',
    ]);

    expect(errorOf(ended)).toMatchObject({ code: 'endpoint-unreachable' });
  });

  test('proposes, follows, shows, undoes; another operator approves', async () => {
    const proposed = await interlockJson(Proposed, [
      'tx',
      'propose',
      PLAN,
      '--key',
      'one',
      ...agent,
    ]);
    const { id } = proposed.value.transaction;
    const again = await interlockJson(Proposed, ['tx', 'propose', PLAN, '--key', 'one', ...agent]);
    const undone = await interlockJson(TransactionSummary, ['tx', 'undo', id, ...operator]);
    const self = await interlock([
      'tx',
      'approve',
      undone.value.id,
      '--yes',
      ...operator,
      '--json',
    ]);
    const approved = await interlockJson(TransactionSummary, [
      ...['tx', 'approve', undone.value.id, '--yes'],
      ...other,
    ]);
    const shown = await interlockJson(TransactionDetail, ['tx', 'show', undone.value.id, ...agent]);
    const listed = await interlockJson(TransactionList, ['tx', 'list', ...operator]);

    expect([proposed.code, proposed.value.transaction.status]).toEqual([0, 'committed']);
    expect([again.value.isNew, again.value.transaction.id]).toEqual([false, id]);
    expect([undone.code, undone.value.status]).toEqual([8, 'awaiting-approval']);
    expect(errorOf(self)).toMatchObject({ code: 'self-approval' });
    expect([approved.code, approved.value.status]).toEqual([0, 'committed']);
    expect(shown.value.transaction).toMatchObject({ undoOf: id, approvals: 1 });
    expect(listed.value.transactions.map((one) => one.id)).toEqual([undone.value.id, id]);
  });

  test('moves the kill switch, and resumes what it has parked', async () => {
    const move = (...args: readonly string[]) =>
      interlockJson(KillStatus, ['kill', ...args, '--reason', 'a test', '--yes', ...operator]);
    // The server would run it within five seconds; so it is proposed where no one starts it.
    const engaged = await inFolder({ data }, async (plane) => {
      const parked = await proposeIn(plane, 'close-temporary-access');
      const status = await move('engage', '--mode', 'freeze', '--scope', 'all');
      await plane.run(parked).catch(() => undefined);
      return { status, id: parked.id };
    });
    const released = await move('release');

    const resumed = await interlockJson(Resumed, ['resume', ...operator]);

    expect(engaged.status.value).toMatchObject({ effective: 'freeze', by: 'alice' });
    expect(released.value.effective).toBe('running');
    // A sweep of the server may have been faster.
    expect(resumed.value.transactions.every(({ status }) => status === 'committed')).toBe(true);
    const ended = await interlockJson(TransactionSummary, ['tx', 'wait', engaged.id, ...agent]);
    expect([ended.code, ended.value.status]).toEqual([0, 'committed']);
  });
});
