import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Doctor, KillStatus, Resumed, TransactionSummary } from '../../cli/json-shapes.ts';
import { CloudRefusedError } from '../../core/errors.ts';
import type { Transaction } from '../../core/transaction.ts';
import { inFolder, planFile, proposeIn, scratchFolder } from './cli-folder.ts';
import { errorOf, interlock, interlockJson } from './cli-process.ts';

describe('operating on the command line', () => {
  const scratch = scratchFolder();
  const folder = (name: string) => join(scratch, name);
  afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

  test('the kill switch is engaged and released, by name and with a reason', async () => {
    const data = folder('kill');
    await inFolder({ data }, async () => undefined);
    const on = (...args: string[]) => [...args, '--data', data];
    const engage = ['kill', 'engage', '--mode', 'halt', '--scope', 'all', '--reason', 'drill'];

    const unconfirmed = await interlock(on(...engage, '--json'));
    const [before, misnamed] = await Promise.all([
      interlockJson(KillStatus, on('kill', 'status')),
      interlock(on(...engage.with(5, 'action:iam:Nothing'), '--yes', '--json')),
    ]);
    const engaged = await interlockJson(KillStatus, on(...engage, '--yes'));
    const refused = await interlock(on('tx', 'propose', planFile('detach-legacy'), '--json'));
    const released = await interlockJson(
      KillStatus,
      on('kill', 'release', '--reason', 'over', '--yes'),
    );

    expect([unconfirmed.code, errorOf(unconfirmed).code]).toEqual([2, 'confirmation-needed']);
    expect(before.value).toMatchObject({ effective: 'running' });
    expect([misnamed.code, errorOf(misnamed).code]).toEqual([2, 'invalid-scope']);
    expect(engaged).toMatchObject({ code: 0, value: { effective: 'halt', reason: 'drill' } });
    expect(refused.code).toBe(5);
    expect(errorOf(refused)).toMatchObject({ code: 'halt', hint: expect.stringContaining('kill') });
    expect(released).toMatchObject({ code: 0, value: { effective: 'running', reason: 'over' } });
  });

  test('resume goes on with what nobody runs, and leaves what somebody runs', async () => {
    const data = folder('resume');
    const lost = await inFolder({ data, timing: { leaseMs: 1 } }, (plane) => {
      return interruptedIn(plane, 'close-temporary-access');
    });
    // This process lives, and its lease has not ended.
    const owned = await inFolder({ data }, (plane) => interruptedIn(plane, 'detach-legacy'));

    const watched = await interlockJson(TransactionSummary, ['tx', 'watch', lost, '--data', data]);
    const doctor = await interlockJson(Doctor, ['doctor', '--data', data]);
    const resumed = await interlockJson(Resumed, ['resume', '--data', data]);
    const status = await inFolder({ data }, async ({ ports }) => ports.store.load(owned));

    expect([watched.code, watched.value.status]).toEqual([8, 'running']);
    expect(doctor.code).toBe(0);
    expect(doctor.value.checks).toContainEqual(
      expect.objectContaining({ name: 'open', level: 'warn', message: expect.any(String) }),
    );
    expect(resumed.code).toBe(0);
    expect(resumed.value.transactions.map(({ id, status: ended }) => [id, ended])).toEqual([
      [lost, 'committed'],
    ]);
    expect(status?.status).toBe('running');
  });

  test('a stuck transaction is shown as such until a person resolves it', async () => {
    const data = folder('stuck');
    const { id } = await stuckIn(data);
    const on = (...args: string[]) => [...args, '--data', data];
    const resolve = on('tx', 'resolve', id, '--as', 'restored', '--reason', 'by hand');

    const [watched, doctor] = await Promise.all([
      interlock(on('tx', 'watch', id)),
      interlockJson(Doctor, on('doctor')),
    ]);
    const unconfirmed = await interlock([...resolve, '--json']);
    const resolved = await interlockJson(TransactionSummary, [...resolve, '--yes']);
    const [twice, well] = await Promise.all([
      interlock([...resolve, '--yes', '--json']),
      interlockJson(Doctor, on('doctor')),
    ]);

    expect(watched.code).toBe(10);
    expect(watched.stderr).toContain(`interlock tx resolve ${id}`);
    expect([doctor.code, doctor.value.ok]).toEqual([1, false]);
    expect([unconfirmed.code, errorOf(unconfirmed).code]).toEqual([2, 'confirmation-needed']);
    expect([resolved.code, resolved.value.status]).toEqual([0, 'stuck']);
    expect([twice.code, errorOf(twice).code]).toEqual([2, 'not-stuck']);
    expect([well.code, well.value.ok]).toEqual([0, true]);
  });
});

type Plane = Parameters<Parameters<typeof inFolder>[1]>[0];

/** Proposes a plan and stops its runner after the first effect, as a Ctrl-C would. */
async function interruptedIn(plane: Plane, name: string): Promise<string> {
  const transaction = await proposeIn(plane, name);
  const before = plane.account.mutations().length;
  const controller = new AbortController();
  const timer = setInterval(() => {
    if (plane.account.mutations().length > before) controller.abort();
  }, 0);
  const ending = await plane.run(transaction, controller.signal);
  clearInterval(timer);
  expect(ending).toBe('interrupted');
  return transaction.id;
}

/** The last step fails for good, and meanwhile somebody else changes what the first one did. */
async function stuckIn(data: string): Promise<Transaction> {
  return inFolder(
    {
      data,
      // Compensation is retried for half a minute before it is given up.
      clock: { now: () => Date.now(), sleep: async () => undefined },
      openSession: (account, clock) => (session) => {
        const cloud = account.session({ ...session, now: () => clock.now() });
        return {
          async call(request) {
            if (request.operation !== 'iam:PutRolePermissionsBoundary') return cloud.call(request);
            await account.admin().call({
              operation: 'iam:PutUserPolicy',
              input: {
                UserName: 'dave.contractor',
                PolicyName: 'temporary-access',
                PolicyDocument:
                  '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}',
              },
            });
            throw new CloudRefusedError('AccessDenied', 'refused by the test');
          },
        };
      },
    },
    async (plane) => {
      const transaction = await proposeIn(plane, 'close-temporary-access');
      await plane.run(transaction);
      const ended = await plane.ports.store.load(transaction.id);
      expect(ended?.status).toBe('stuck');
      return ended as Transaction;
    },
  );
}
