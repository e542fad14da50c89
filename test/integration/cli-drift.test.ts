import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DriftReport } from '../../cli/json-shapes.ts';
import type { JsonObject } from '../../core/json.ts';
import { propose } from '../../core/tasks/propose.ts';
import { inFolder, planOf, proposeIn, scratchFolder } from './cli-folder.ts';
import { errorOf, interlock, interlockJson } from './cli-process.ts';

const ROLE = { RoleName: 'ci-deploy' };
const ROLE_ARN = 'arn:aws:iam::123456789012:role/ci-deploy';
const POLICY_ARN = 'arn:aws:iam::123456789012:policy/acme-ci-deploy';
const PUT = 'interlock-narrowed-acme-ci-deploy';

const OTHER = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
});
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
});

const scratch = scratchFolder();
const data = join(scratch, 'data');
const on = (...args: string[]) => [...args, '--data', data];
let id = '';

const outside = (operation: string, input: JsonObject): Promise<unknown> =>
  inFolder({ data }, ({ account }) => account.admin().call({ operation, input }));

beforeAll(() =>
  inFolder({ data }, async (plane) => {
    const proposed = await proposeIn(plane, 'narrow-ci-deploy');
    await plane.run(proposed);
    id = proposed.id;
  }),
);
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

test('an account that nobody else touched has none', async () => {
  const [text, json] = await Promise.all([
    interlock(on('drift')),
    interlockJson(DriftReport, on('drift')),
  ]);

  expect(text).toEqual({
    code: 0,
    stdout: 'no drift: 2 footprints are as they were left\n',
    stderr: '',
  });
  const nothing = { drifted: [], held: [], unreadable: [] };
  expect(json).toEqual({ code: 0, value: { ok: true, footprints: 2, ...nothing } });
});

test('what somebody else changed is named, with the record and what differs', async () => {
  await outside('iam:AttachRolePolicy', { ...ROLE, PolicyArn: POLICY_ARN });
  await outside('iam:PutRolePolicy', { ...ROLE, PolicyName: PUT, PolicyDocument: OTHER });

  const [text, json] = await Promise.all([
    interlock(on('drift')),
    interlockJson(DriftReport, on('drift')),
  ]);

  const [attached, inline] = json.value.drifted;
  expect([text.code, json.code, json.value.ok]).toEqual([11, 11, false]);
  expect(attached).toMatchObject({
    found: 'changed',
    footprint: `iam/${ROLE_ARN}/attached/${POLICY_ARN}`,
    resource: ROLE_ARN,
    left: { transactionId: id, stepIndex: 1, by: 'committed', state: { attached: false } },
    now: { state: { attached: true } },
  });
  expect(inline?.lines).toContain('-           "lambda:CreateFunction",');
  expect(text.stdout).toContain(`changed  iam/${ROLE_ARN}/inline/${PUT}\n`);
  expect(text.stdout).toContain(
    `  since record ${attached?.left.seq} of ${id}, step 2, committed ${attached?.left.at}\n`,
  );
  expect(text.stdout).toContain('  attached: false -> true\n');
  expect(text.stdout).toMatch(/\n2 drifted, 0 held, 0 not read, of 2 footprints\n$/);
});

test('only what was changed since a time is looked at', async () => {
  const tomorrow = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString();

  const [recent, later, odd] = await Promise.all([
    interlockJson(DriftReport, on('drift', '--since', '1d')),
    interlockJson(DriftReport, on('drift', '--since', tomorrow)),
    interlock(on('drift', '--since', 'yesterday', '--json')),
  ]);

  expect([recent.code, recent.value.drifted.length]).toEqual([11, 2]);
  expect([later.code, later.value.footprints]).toEqual([0, 0]);
  expect([odd.code, errorOf(odd).code]).toEqual([2, 'usage']);
});

test('what is gone is said', async () => {
  await outside('iam:DetachRolePolicy', { ...ROLE, PolicyArn: POLICY_ARN });
  await outside('iam:DeleteRolePolicy', { ...ROLE, PolicyName: PUT });
  await outside('iam:DeleteRole', ROLE);
  const deleted = await interlockJson(DriftReport, on('drift'));
  await outside('iam:CreateRole', { ...ROLE, AssumeRolePolicyDocument: TRUST });
  const recreated = await interlockJson(DriftReport, on('drift'));

  const foundOf = ({ drifted }: DriftReport) => drifted.map(({ found }) => found);
  expect([deleted.code, foundOf(deleted.value)]).toEqual([11, ['deleted', 'deleted']]);
  expect([recreated.code, foundOf(recreated.value)]).toEqual([11, ['recreated', 'recreated']]);
});

test('what cannot be read is an error, whatever else was found', async () => {
  const role = { RoleName: 'below' };
  const inline = { ...role, PolicyName: 'inline' };
  await outside('iam:CreateRole', { ...role, Path: '/a/', AssumeRolePolicyDocument: TRUST });
  await outside('iam:PutRolePolicy', { ...inline, PolicyDocument: OTHER });
  const plan = {
    ...planOf('narrow-ci-deploy'),
    steps: [{ id: 'one', action: 'iam:DeleteRolePolicy', input: inline }],
  };
  const done = await inFolder({ data }, async (plane) => {
    const actor = 'agent:iam-auditor';
    const { transaction } = await propose(plane.ports, { plan, idempotencyKey: 'below', actor });
    await plane.run(transaction);
    return transaction.id;
  });
  await outside('iam:DeleteRole', role);

  const [text, json] = await Promise.all([
    interlock(on('drift')),
    interlockJson(DriftReport, on('drift')),
  ]);

  expect([text.code, json.code, json.value.ok]).toEqual([1, 1, false]);
  expect(json.value.drifted).toHaveLength(2);
  expect(json.value.unreadable).toMatchObject([{ transactionId: done, code: 'AccessDenied' }]);
  expect(text.stdout).toMatch(/\nnot read {2}iam\/\S+role\/a\/below\/inline\/inline\n/);
  expect(text.stdout).toContain('it was deleted, moved to another path, or may not be read any');
  expect(text.stdout).toMatch(/\n2 drifted, 0 held, 1 not read, of 3 footprints\n$/);
});

test('needs a data folder that is there', async () => {
  const ended = await interlock(['drift', '--data', join(scratch, 'none'), '--json']);

  expect([ended.code, errorOf(ended).code]).toEqual([1, 'data-folder-not-found']);
});
