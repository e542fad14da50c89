import { afterEach, describe, expect, test } from '@jest/globals';
import { TransientError } from '../../core/errors.ts';
import type { KillMode } from '../../core/ports/kill-switch.ts';
import type { Signer } from '../../core/ports/signer.ts';
import { halt } from '../../core/tasks/halt.ts';
import { isFinal, type Transaction } from '../../core/transaction.ts';
import { type AuditWorld, openAuditWorld, PLANS } from './support/audit-world.ts';
import { goWrong } from './support/faults.ts';
import { memorySigner } from './support/memory-signer.ts';

/** Plans of one audit that run at once. */
const AT_ONCE = 4;

let opened: AuditWorld;
afterEach(async () => {
  opened.releaseRunner();
  await opened.settled();
  opened.close();
});

/** The target refuses these effects on the role of the third plan. */
function refuseOnRole(...operations: readonly string[]): void {
  const { hooks, clock } = opened.world;
  hooks.onCall = async (request, { isEffect }, call) => {
    const isHit = isEffect && JSON.stringify(request.input).includes('"ci-deploy"');
    if (!isHit || !operations.includes(request.operation)) return call();
    return goWrong({ kind: 'refused' }, clock, call);
  };
}

const byPlan = async () =>
  Object.fromEntries(
    (await opened.transactions()).map(({ plan, status }) => [
      plan.purpose.split(' ').at(-1),
      status,
    ]),
  );
const statusesOf = async (principal: string) =>
  (await opened.transactions())
    .filter(({ plan }) => plan.purpose.endsWith(principal))
    .map(({ status }) => status);
const moveKillSwitch = (mode: KillMode) =>
  halt(opened.world.ports, { operator: 'ops', scope: 'all', mode, reason: 'a test' });
async function runAgain(): Promise<void> {
  for (const one of await opened.transactions())
    if (!(isFinal(one.status) && one.sealed)) await opened.world.run(one);
}
const isOfRole = ({ plan }: Transaction): boolean => plan.purpose.endsWith('ci-deploy');
const UNSEALED = { status: 'compensated', sealed: false };
/** The steps from the first Rollback on. */
const sinceRollback = (visited: readonly string[]) => visited.slice(visited.indexOf('Rollback'));

describe('an audit one of whose plans is unwound', () => {
  test('starts no more and ends rolled back; what had committed stays', async () => {
    opened = openAuditWorld();
    refuseOnRole('iam:DetachRolePolicy');

    const { ending, auditId, thrown } = await opened.audit('apply');

    expect(ending).toBe('RolledBack');
    expect(thrown).toEqual(['EffectFailedError plan-not-committed']);
    expect(await byPlan()).toEqual({
      'dave.contractor': 'committed',
      'erin.analyst': 'committed',
      'ci-deploy': 'compensated',
      'old-migration': 'committed',
    });
    expect(opened.progress(auditId).ended).toHaveLength(AT_ONCE);
  });

  test('leaves its role as it was, and a later audit proposes it again', async () => {
    opened = openAuditWorld();
    const roleOf = () =>
      JSON.stringify(
        (
          opened.world.account.toGaad() as { RoleDetailList: { RoleName: string }[] }
        ).RoleDetailList.find(({ RoleName }) => RoleName === 'ci-deploy'),
      );
    const before = roleOf();
    refuseOnRole('iam:DetachRolePolicy');
    await opened.audit('apply');
    const after = roleOf();
    refuseOnRole();

    const again = await opened.audit('apply');

    expect(after).toBe(before);
    expect(again.ending).toBe('Done');
    expect(await statusesOf('ci-deploy')).toEqual(['committed', 'compensated']);
    expect(await statusesOf('temporary-debug')).toEqual(['committed']);
  });

  test('does not end before everything that it has started has ended', async () => {
    opened = openAuditWorld();
    refuseOnRole('iam:PutRolePolicy');
    let turns = 0;
    opened.onPosition = async (state) => {
      if (state === 'Apply' && turns === 0) opened.holdRunner();
      if (state === 'Wait') {
        // Only the failing plan is done so far.
        const failing = (await opened.transactions()).find(isOfRole);
        if (failing?.status === 'proposed') await opened.world.run(failing);
      }
      if (state !== 'WaitForRollback') return;
      turns += 1;
      if (turns === 3) opened.releaseRunner();
    };

    const { ending, visited } = await opened.audit('apply');

    expect(ending).toBe('RolledBack');
    expect(turns).toBe(3);
    expect(sinceRollback(visited)).not.toContain('Apply');
    expect(Object.values(await byPlan()).sort()).toEqual([
      'committed',
      'committed',
      'committed',
      'compensated',
    ]);
  });

  test('starts no more while the seal of the unwound plan is late', async () => {
    let late = 'nothing';
    const signer = memorySigner();
    const slow: Signer = {
      ...signer,
      async sign(payload) {
        if (Buffer.from(payload).includes(late))
          throw new TransientError('kms-unreachable', 'out of reach');
        return signer.sign(payload);
      },
    };
    opened = openAuditWorld({ signer: slow });
    refuseOnRole('iam:DetachRolePolicy');
    opened.holdRunner();
    let turns = 0;
    opened.onPosition = async (state) => {
      if (!state.startsWith('Wait')) return;
      turns += 1;
      if (turns === 1) {
        late = (await opened.transactions()).find(isOfRole)?.id ?? late;
        opened.releaseRunner();
      }
      if (turns !== 4) return;
      expect((await opened.transactions()).find(isOfRole)).toMatchObject(UNSEALED);
      late = 'nothing';
      await runAgain();
    };

    const { ending } = await opened.audit('apply');

    expect(ending).toBe('RolledBack');
    expect(turns).toBe(4);
    expect(await byPlan()).not.toHaveProperty('temporary-debug');
    expect((await opened.transactions()).map(({ sealed }) => sealed)).toEqual(
      Array(AT_ONCE).fill(true),
    );
  });

  test('ends rolled back too when a plan is stuck, and says so', async () => {
    opened = openAuditWorld();
    refuseOnRole('iam:DetachRolePolicy', 'iam:DeleteRolePolicy');

    const { ending, auditId } = await opened.audit('apply');

    expect(ending).toBe('RolledBack');
    expect(opened.progress(auditId).ended.map(({ status }) => status)).toContain('stuck');
    expect(await byPlan()).toMatchObject({ 'ci-deploy': 'stuck', 'dave.contractor': 'committed' });
    expect(await byPlan()).not.toHaveProperty('temporary-debug');
  });
});

describe('an audit that the kill switch meets', () => {
  test('halted in the middle proposes no more, and has no effect any more', async () => {
    opened = openAuditWorld();
    opened.holdRunner();
    const before = opened.world.account.digest();
    opened.onPosition = async (state) => {
      if (state !== 'Wait') return;
      await moveKillSwitch('halt');
      opened.releaseRunner();
    };

    const { ending, thrown, auditId } = await opened.audit('apply');

    expect(ending).toBe('RolledBack');
    expect(thrown).toEqual(['HaltedError halt']);
    expect(Object.values(await byPlan())).toEqual(Array(AT_ONCE).fill('rejected'));
    expect(opened.progress(auditId).open).toEqual([]);
    expect(opened.world.account.digest()).toBe(before);
  });

  test('halted before it began proposes nothing', async () => {
    opened = openAuditWorld();
    await moveKillSwitch('halt');

    const { ending, thrown } = await opened.audit('apply');

    expect({ ending, thrown }).toEqual({ ending: 'Failed', thrown: ['HaltedError halt'] });
    expect(await opened.transactions()).toEqual([]);
  });

  test('frozen waits, and goes on when it is released', async () => {
    opened = openAuditWorld();
    opened.holdRunner();
    let turns = 0;
    opened.onPosition = async (state) => {
      if (state !== 'Wait') return;
      turns += 1;
      if (turns === 1) await moveKillSwitch('freeze');
      if (turns === 1) opened.releaseRunner();
      if (turns !== 4) return;
      expect(Object.values(await byPlan())).toEqual(Array(AT_ONCE).fill('parked'));
      await moveKillSwitch('running');
      await runAgain();
    };

    const { ending } = await opened.audit('apply');

    expect(ending).toBe('Done');
    expect(Object.values(await byPlan())).toEqual(Array(PLANS).fill('committed'));
  });
});
