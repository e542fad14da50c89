import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { METRICS, METRICS_NAMESPACE } from '../../../adapters/aws/metric-names.ts';
import type { Change, Store } from '../../../core/ports/store.ts';
import type { Transaction } from '../../../core/transaction.ts';
import {
  reportLogLag,
  reportOverwrite,
  reportSweep,
  reportUnreadable,
} from '../../../lambdas/metrics.ts';
import { countingOutcomes } from '../../../lambdas/outcomes.ts';
import { captureOutput, type Output } from './output.ts';

const CANARY = 'canary-88b0';
let output: Output;
beforeEach(() => {
  output = captureOutput();
});
afterEach(() => output.stop());

/** The values of every metric, by name, as CloudWatch would read them from the log. */
const metricsOf = (): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    output.lines().flatMap((line) => {
      const { _aws: metadata } = line as { _aws?: { CloudWatchMetrics: readonly Directive[] } };
      return (metadata?.CloudWatchMetrics ?? []).flatMap(({ Namespace: namespace, Metrics: all }) =>
        all.map(({ Name: name }) => [`${namespace}/${name}`, line[name]]),
      );
    }),
  );
interface Directive {
  readonly Dimensions: readonly (readonly string[])[];
  readonly Namespace: string;
  readonly Metrics: readonly { readonly Name: string }[];
}
const named = (name: string) => `${METRICS_NAMESPACE}/${name}`;
const transaction = (id: string) => ({ id, epoch: 2, status: 'running' }) as Transaction;

describe('a transaction that ends', () => {
  const storeOf = (change: Store['change']) => countingOutcomes({ change } as Store);
  const changeTo = (status: Change['update']['status']) =>
    ({ transactionId: 'tx-1', update: { status } }) as Change;

  it('is not counted when its commit fails', async () => {
    const store = storeOf(() => Promise.reject(new Error('no')));

    await expect(store.change(changeTo('committed'))).rejects.toThrow();

    expect(output.text()).toBe('');
  });

  it.each([
    ['committed', { [named('TransactionCommitted')]: 1 }],
    ['rejected', { [named('TransactionRejected')]: 1 }],
    ['compensated', { [named('TransactionCompensated')]: 1 }],
    ['stuck', { [named('TransactionStuck')]: 1, [named('PersonNeeded')]: 1 }],
    ['running', {}],
    [undefined, {}],
  ] as const)('is counted when it is %s', async (status, counted) => {
    await storeOf(async () => undefined).change(changeTo(status));

    expect(metricsOf()).toEqual(counted);
  });
});

describe('a sweep', () => {
  it('always says how long seals are late', () => {
    reportSweep({ restarted: [], failed: [], sealLagMs: 0 });

    expect(metricsOf()).toEqual({ [named('SealLag')]: 0 });
  });

  it('always says how late the log is', () => {
    reportLogLag(0);
    reportLogLag(90_000);

    const lags = output.lines().map((line) => line['LogLag']);
    expect(lags).toEqual([0, 90_000]);
    expect(metricsOf()).toEqual({ [named('LogLag')]: 90_000 });
  });

  it('counts what goes on, and names it', () => {
    const restarted = [transaction('tx-1'), transaction('tx-2')];

    reportSweep({ restarted, failed: [], sealLagMs: 70_000 });

    expect(metricsOf()).toEqual({ [named('SealLag')]: 70_000, [named('ReconcilerActed')]: 2 });
    expect(output.lines()).toContainEqual(
      expect.objectContaining({ transactionId: 'tx-2', epoch: 2 }),
    );
  });

  it('names what cannot go on, and says nothing of a payload', () => {
    const failed = [{ id: 'tx-3', error: new Error(CANARY) }];

    reportSweep({ restarted: [], failed, sealLagMs: 0 });

    expect(output.lines()).toContainEqual(expect.objectContaining({ transactionId: 'tx-3' }));
    expect(output.text()).not.toContain(CANARY);
  });
});

describe('what a person should look at', () => {
  it('is a kill switch that cannot be read, without what others say of it', () => {
    reportUnreadable(new Error(CANARY));

    expect(metricsOf()).toEqual({ [named('KillSwitchUnreadable')]: 1 });
    expect(output.text()).not.toContain(CANARY);
  });

  it('is evidence that was overwritten, by the place of its first image', () => {
    reportOverwrite({ table: 'evidence', kind: 'MODIFY', objectKey: 'evidence/a/1.json' });

    expect(metricsOf()).toEqual({ [named('EvidenceOverwritten')]: 1 });
    expect(output.lines()).toContainEqual(
      expect.objectContaining({ kind: 'MODIFY', objectKey: 'evidence/a/1.json' }),
    );
  });
});

describe('a metric', () => {
  it('has the service as its one dimension, as the alarms ask for it', () => {
    reportSweep({ restarted: [], failed: [], sealLagMs: 1 });

    const [line] = output.lines() as readonly {
      readonly service: string;
      readonly _aws: { readonly CloudWatchMetrics: readonly Directive[] };
    }[];
    expect(line?._aws.CloudWatchMetrics).toMatchObject([{ Dimensions: [['service']] }]);
    expect(typeof line?.service).toBe('string');
  });
});

describe('the names of metrics', () => {
  it('are one each', () => {
    const names = Object.values(METRICS);

    expect(new Set(names).size).toBe(names.length);
  });
});
