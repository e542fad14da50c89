import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  costOfIdleMonth,
  costOfTransactions,
  costText,
  type Deployment,
  INDEX_WRITES,
  type Prices,
  SUPPOSED,
  SWEEPS_OF_MINUTE,
  transitionsOf,
} from '../../../bench/cost.ts';
import { parseMachine } from '../../../core/asl/machine.ts';
import { currentCost, currentDeployment, withCost } from '../../../tools/cost-text.ts';

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const machine = parseMachine(json('statemachines/transaction.asl.json'));
const prices: Prices = json('bench/prices.json');
const inputs = json('bench/cost-inputs.json');
const deployment: Deployment = {
  ...{ alarms: 10, dashboards: 1, keys: 1, metrics: 2, memoryMib: 512, settleMs: 10_000 },
};
const used = {
  steps: 5,
  measured: {
    ...{ kmsSigns: 1, writeUnits: 91, readUnits: 8, lambdaCalls: 30 },
    ...{ archivedObjects: 10 },
    // The five of preflight wait together.
    settledReads: 8,
  },
  sweep: { readUnits: 2 },
};

describe('the state transitions', () => {
  test('are every state that is entered, with five of them for what is not of a step', () => {
    expect([1, 2, 5, 10].map((steps) => transitionsOf(machine, steps))).toEqual([10, 14, 26, 46]);
  });

  test('are those that are measured', () => {
    expect(transitionsOf(machine, inputs.steps)).toBe(inputs.measured.stateTransitions);
  });

  test('of a machine that cannot commit are none', () => {
    const broken = { ...machine, StartAt: 'Misrouted' };

    expect(() => transitionsOf(broken, 5)).toThrow('no end of a committed transaction');
  });
});

describe('the cost of 1,000 transactions', () => {
  const lines = costOfTransactions(machine, used, deployment, prices);
  const line = (what: string) => lines.find((one) => one.what.startsWith(what));

  test('is what is used times its list price', () => {
    expect(line('Step Functions')).toMatchObject({ quantity: 26_000, usd: 0.65 });
    expect(line('KMS')).toMatchObject({ quantity: 1000, usd: 0.015 });
    expect(line('API Gateway')?.usd).toBeCloseTo(0.0035);
    expect(line('DynamoDB: write')?.usd).toBeCloseTo(((91 + INDEX_WRITES) * 0.625) / 1000);
    expect(line('DynamoDB: read')?.usd).toBeCloseTo(0.001);
    expect(line('S3: archived')?.usd).toBeCloseTo(0.05);
    expect(line('Lambda: calls')).toMatchObject({ quantity: 40_000, usd: 0.008 });
  });

  test('has the time that functions work, and that they wait for IAM', () => {
    const perGbSecond = 0.0000133334;

    const work = line('Lambda: GB-seconds of work');
    const waiting = line('Lambda: GB-seconds waiting');

    expect(work?.quantity).toBeCloseTo(40 * SUPPOSED.callMs * 0.5);
    expect(waiting?.quantity).toBe(4 * 10 * 0.5 * 1000);
    expect(waiting?.usd).toBeCloseTo(20_000 * perGbSecond);
  });

  test('cannot be computed without a price', () => {
    const { kmsSign: _, ...others } = prices.prices;

    const compute = () =>
      costOfTransactions(machine, used, deployment, { ...prices, prices: others });

    expect(compute).toThrow('no price of `kmsSign`');
  });
});

describe('the cost of an idle month', () => {
  const lines = costOfIdleMonth(used, deployment, prices);
  const line = (what: string) => lines.find((one) => one.what.startsWith(what));

  test('is what stands there and a sweep every minute', () => {
    expect(line('CloudWatch: alarms')).toMatchObject({ quantity: 10, usd: 1 });
    expect(line('CloudWatch: dashboard')?.usd).toBe(3);
    expect(line('CloudWatch: custom metrics')?.usd).toBeCloseTo(0.6);
    expect(line('KMS')?.usd).toBe(1);
    expect(line('Lambda: calls')?.quantity).toBeCloseTo(43_200 * SWEEPS_OF_MINUTE);
    const gbSeconds = 43_200 * SWEEPS_OF_MINUTE * 0.2 * 0.5;
    expect(line('Lambda: GB-seconds')?.quantity).toBeCloseTo(gbSeconds);
    expect(line('DynamoDB')?.usd).toBeCloseTo((86_400 * 0.125) / 1e6);
  });
});

describe('the README', () => {
  test('says the costs as they are computed: `npm run cost` writes them', () => {
    const readme = readFileSync('README.md', 'utf8');

    expect(withCost(readme, currentCost())).toBe(readme);
  });

  test('says others when a price, a use or the deployment changes', () => {
    const text = (changed: Partial<Deployment>, asOf = prices.asOf) => {
      const now = { ...currentDeployment(), ...changed };
      const transactions = costOfTransactions(machine, inputs, now, prices);
      return costText(transactions, costOfIdleMonth(inputs, now, prices), now, { ...prices, asOf });
    };

    expect(text({})).toBe(currentCost());
    for (const other of [text({ alarms: 1 }), text({ settleMs: 1 }), text({}, '2027-01')])
      expect(other).not.toBe(currentCost());
  });

  test('without markers is refused', () => {
    expect(() => withCost('# Interlock', 'x')).toThrow('markers');
  });
});
