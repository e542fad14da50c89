import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditAccount } from '../../agents/iam-auditor/report.ts';
import { isFinal } from '../../core/transaction.ts';
import { gains } from '../brute-force/gains.ts';
import { ACME, readAccount } from './support/accounts.ts';
import { effectsIn, truthOf } from './support/data-folder-truth.ts';
import { interlock, scratchFolder, startProgram } from './support/run-program.ts';

const folder = scratchFolder();
afterAll(() => folder.remove());

const before = readAccount(ACME);
const planned = auditAccount(before).plans;
const POLLS_MAX = 20_000;
const POLL_MS = 1;

/** Kills `audit --apply` as soon as the account has taken so many effects. */
async function killedAfter(effects: number, data: string): Promise<number> {
  const options = ['--apply', '--yes', '--data', data];
  const { child, ended } = startProgram('cli/main.ts', ['audit', '--account', ACME, ...options]);
  for (let polls = 0; polls < POLLS_MAX && child.exitCode === null; polls += 1) {
    if (effectsIn(data) >= effects) break;
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  await ended;
  return effectsIn(data);
}

const STEPS = planned.flatMap((each) => each.plan.steps).length;
const apply = (data: string, ...more: readonly string[]) =>
  interlock('audit', '--apply', '--yes', '--data', data, ...more);

/** How a killed audit is taken up again. */
const CASES = [
  { name: 'after 1 effect, applied again on its account', effects: 1, again: apply },
  { name: 'after 20 effects, applied again on its account', effects: 20, again: apply },
  {
    name: 'after 8 effects, resumed and applied',
    effects: 8,
    again: async (data: string) => {
      await interlock('resume', '--data', data);
      return apply(data);
    },
  },
  {
    name: 'after 5 effects, applied afresh from the file',
    effects: 5,
    again: (data: string) => apply(data, '--account', ACME),
  },
].map((each) => ({ ...each, data: folder.inside(`killed-${each.effects}`) }));

describe('audit --apply killed in the middle', () => {
  const landed: number[] = [];
  let codes: readonly (number | null)[] = [];
  let wholeDigest = '';
  beforeAll(async () => {
    const whole = folder.inside('whole');
    await apply(whole, '--account', ACME);
    wholeDigest = (await truthOf(whole)).digest;
    for (const { effects, data } of CASES) landed.push(await killedAfter(effects, data));
    codes = (await Promise.all(CASES.map(({ again, data }) => again(data)))).map((one) => one.code);
    console.info(`killed with ${landed.join(', ')} effects of ${STEPS}`);
  });

  it('was killed while it was at work', () => {
    expect(landed.filter((each) => each > 0 && each < STEPS).length).toBeGreaterThanOrEqual(2);
  });

  it.each(CASES.map((each, at) => [each.name, each.data, at] as const))(
    '%s, ends whole: all final, none stuck, the account as without the kill',
    async (_, data, at) => {
      const { transactions, unverified, gaad, digest } = await truthOf(data);

      expect(codes[at]).toBe(0);
      expect(transactions.filter((each) => !isFinal(each.status) || !each.sealed)).toEqual([]);
      expect(transactions.filter((each) => each.status === 'stuck')).toEqual([]);
      expect(unverified).toEqual([]);
      expect(digest).toBe(wholeDigest);
      expect(gains(before, gaad)).toEqual([]);
    },
  );

  it.each(CASES.map((each) => [each.name, each.data] as const))(
    '%s, has every effect once: none lost, none doubled',
    async (_, data) => {
      const { transactions, calls } = await truthOf(data);
      const committed = transactions.filter((each) => each.status === 'committed');
      const steps = committed.flatMap((each) => each.plan.steps);

      expect(calls.map((each) => each.operation).sort()).toEqual(
        steps.map((each) => each.action).sort(),
      );
    },
  );
});
