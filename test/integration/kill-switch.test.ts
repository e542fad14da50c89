import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hostClock } from '../../adapters/embedded/clock.ts';
import type { StepDraft } from '../../core/action.ts';
import { HaltedError } from '../../core/errors.ts';
import { parseRecord } from '../../core/evidence/index.ts';
import type { KillSetting } from '../../core/ports/kill-switch.ts';
import type { Transaction } from '../../core/transaction.ts';
import { policyArnOf, roleNameAt, smallAccount } from './support/small-account.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const TRANSACTIONS = 20;
const EFFECT_MS = 25;
/** Effects that go through before the switch moves; later ones wait for it, claimed. */
const EFFECTS_BEFORE = 30;

const stepsOf = (index: number): readonly StepDraft[] => {
  const RoleName = roleNameAt(index);
  return [
    { action: 'iam:AttachRolePolicy', input: { RoleName, PolicyArn: policyArnOf('narrow') } },
    { action: 'iam:DeleteRolePolicy', input: { RoleName, PolicyName: 'old' } },
    { action: 'iam:DetachRolePolicy', input: { RoleName, PolicyArn: policyArnOf('wide') } },
    { action: 'iam:DetachRolePolicy', input: { RoleName, PolicyArn: policyArnOf('narrow') } },
  ];
};

let folder: string;
let world: TestWorld;
let effects = 0;
let isReached: () => void;
let letGo: () => void;
let reached: Promise<void>;
let moved: Promise<void>;

/** Another process that has opened the folder and moves the switch when it is told to. */
const openMover = async (scope: string, mode: string): Promise<() => Promise<KillSetting>> => {
  const script = 'test/integration/support/move-kill-switch.ts';
  const child = spawn('node_modules/.bin/node', [script, folder, scope, mode]);
  const lines = createInterface(child.stdout);
  await once(lines, 'line');
  return async () => {
    const answered = once(lines, 'line');
    child.stdin.write('go\n');
    const [line] = (await answered) as [string];
    if (child.exitCode === null) await once(child, 'exit');
    return JSON.parse(line) as KillSetting;
  };
};

const move = async (scope: string, mode: string): Promise<KillSetting> =>
  (await openMover(scope, mode))();

const propose = (count: number): Promise<readonly Transaction[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) => world.propose(stepsOf(index), `key-of-${index}`)),
  );

const statuses = (ended: readonly Transaction[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status } of ended) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

/** The claims of applies, by when they were made and answered. */
const claimTimes = async (transactions: readonly Transaction[]) => {
  const streams = await Promise.all(transactions.map(({ id }) => world.records(id)));
  const records = streams.flat();
  const answered = new Map(
    records
      .filter(({ kind }) => kind === 'acknowledged')
      .map(({ data, at }) => [data['attemptId'], Date.parse(at)]),
  );
  return records
    .filter(({ kind }) => kind === 'claimed')
    .map(({ data, at }) => ({
      claimedAt: Date.parse(at),
      answeredAt: answered.get(data['attemptId']),
    }));
};

beforeEach(() => {
  effects = 0;
  reached = new Promise((resolve) => {
    isReached = resolve;
  });
  moved = new Promise((resolve) => {
    letGo = resolve;
  });
  folder = mkdtempSync(join(tmpdir(), 'interlock-kill-'));
  world = openTestWorld({
    storePath: join(folder, 'interlock.db'),
    accountPath: join(folder, 'account.db'),
    account: smallAccount(TRANSACTIONS),
    clock: { ...hostClock, at: () => undefined, pending: () => 0 },
    async onCall(_request, session, call) {
      if (!session.isEffect) return call();
      effects += 1;
      await setTimeout(EFFECT_MS);
      if (effects >= EFFECTS_BEFORE) {
        isReached();
        await moved;
      }
      return call();
    },
  });
});

afterEach(() => {
  world.close();
  rmSync(folder, { recursive: true });
});

describe('the kill switch, moved by another process while 20 transactions run', () => {
  test('halt: no claim after the fence, what is open is compensated', async () => {
    const before = world.account.digest();
    const mover = await openMover('all', 'halt');
    const transactions = await propose(TRANSACTIONS);
    const running = Promise.all(transactions.map((one) => world.run(one)));

    await reached;
    const setting = await mover();
    letGo();
    const ended = await running;

    const claims = await claimTimes(ended);
    const late = claims.filter(({ claimedAt }) => claimedAt > setting.at);
    const inFlight = claims.filter(
      ({ claimedAt, answeredAt }) =>
        claimedAt <= setting.at && (answeredAt ?? Number.POSITIVE_INFINITY) > setting.at,
    );
    console.log(
      `kill switch at halt: ${claims.length} claims before the fence, ${late.length} after; ` +
        `${inFlight.length} claimed calls still landed; ended as ${JSON.stringify(statuses(ended))}`,
    );
    expect(late).toEqual([]);
    expect(inFlight.length).toBeGreaterThan(0);
    expect(inFlight.length).toBeLessThanOrEqual(TRANSACTIONS);
    expect(
      ended.every(({ status }) => ['committed', 'compensated', 'rejected'].includes(status)),
    ).toBe(true);
    const stopped = ended.filter(({ status }) => status !== 'committed');
    expect(stopped.length).toBeGreaterThan(0);
    expect(stopped.every(({ reason }) => reason?.code === 'halted')).toBe(true);
    if (stopped.length === TRANSACTIONS) expect(world.account.digest()).toBe(before);
  });

  test('freeze parks, release and resume go on to the end', async () => {
    const mover = await openMover('all', 'freeze');
    const transactions = await propose(TRANSACTIONS);
    const running = Promise.all(transactions.map((one) => world.run(one)));

    await reached;
    const setting = await mover();
    letGo();
    const frozen = await running;
    const mutationsWhileFrozen = world.account.mutations().length;
    await setTimeout(3 * EFFECT_MS);

    const late = (await claimTimes(frozen)).filter(({ claimedAt }) => claimedAt > setting.at);
    expect(late).toEqual([]);
    expect(statuses(frozen)['parked']).toBeGreaterThan(0);
    expect(
      Object.keys(statuses(frozen)).filter((one) => !['parked', 'committed'].includes(one)),
    ).toEqual([]);
    expect(world.account.mutations()).toHaveLength(mutationsWhileFrozen);
    const open = await world.verifyEvidence(
      (frozen.find(({ status }) => status === 'parked') as Transaction).id,
    );
    expect(open).toMatchObject({ integrity: { ok: true }, complete: { ok: false } });

    await move('all', 'running');
    const lost = await world.controlPlane.lost();
    const resumed = await Promise.all(lost.map((one) => world.run(one)));

    console.log(
      `kill switch at freeze: ${JSON.stringify(statuses(frozen))}, resumed ${resumed.length}`,
    );
    expect(resumed).toHaveLength(statuses(frozen)['parked'] ?? 0);
    expect(resumed.every(({ status }) => status === 'committed')).toBe(true);
    expect(world.account.mutations()).toHaveLength(4 * TRANSACTIONS);
    const verdicts = await Promise.all(resumed.map(({ id }) => world.verifyEvidence(id)));
    expect(verdicts.every(({ ok }) => ok)).toBe(true);
  });

  test('drain lets what runs go on and refuses new plans, with evidence', async () => {
    const transactions = await propose(4);
    const running = Promise.all(transactions.map((one) => world.run(one)));

    await move('all', 'drain');
    const refused = world.propose(stepsOf(5), 'late');

    await expect(refused).rejects.toThrow(HaltedError);
    expect(statuses(await running)).toEqual({ committed: 4 });
    const streams = (await world.ports.store.streams()).filter((one) => one.startsWith('control:'));
    const records = (await Promise.all(streams.map((one) => world.ports.store.records(one))))
      .flat()
      .map(parseRecord);
    expect(records.map(({ kind }) => kind)).toEqual(['kill-switch', 'kill-switch', 'refused']);
    expect(records.at(-1)?.data).toMatchObject({ call: 'propose', code: 'drain' });
  });

  test('one action or one agent can be halted alone', async () => {
    await move('action:iam:DetachRolePolicy', 'halt');
    const [transaction] = await Promise.all([
      world.propose([
        { action: 'iam:DeleteRolePolicy', input: { RoleName: 'app', PolicyName: 'old' } },
      ]),
    ]);

    const other = await world.run(transaction);
    const detach = world.propose(stepsOf(1), 'detach');

    expect(other.status).toBe('committed');
    await expect(detach).rejects.toThrow(HaltedError);
    await move('agent:iam-auditor', 'freeze');
    await expect(world.propose(stepsOf(2).slice(0, 1), 'agent')).rejects.toThrow('`freeze`');
  });
});
