import {
  DescribeExecutionCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, it } from '@jest/globals';
import { type ReconcilerParts, sweep } from '../../../adapters/aws/reconciler.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import type { Transaction } from '../../../core/transaction.ts';

const NOW = 1_800_000_000_000;
const LEASE_MS = 60_000;
const MACHINE = 'arn:aws:states:eu-central-1:111122223333:stateMachine:transaction';

const lost = (id: string): Transaction =>
  ({
    id,
    agent: 'iam-auditor',
    plan: { steps: [{ id: 'one', action: 'iam.detach-role-policy' }], deadlineMs: LEASE_MS },
    createdAt: NOW - LEASE_MS,
    status: 'running',
    epoch: 1,
    cursor: { stepIndex: 0, phase: 'authorize', attempt: 1 },
    owner: `execution:${id}-1`,
    leaseUntil: NOW - 1,
    sealed: false,
  }) as unknown as Transaction;

type Call = DescribeExecutionCommand | StartExecutionCommand;

/** A store with some transactions, and Step Functions as `answer` has it. */
function worldOf(
  transactions: readonly Transaction[],
  answer: (call: Call) => object,
): { readonly parts: ReconcilerParts; readonly cancelled: string[]; readonly started: string[] } {
  const cancelled: string[] = [];
  const started: string[] = [];
  const rows = new Map(transactions.map((one) => [one.id, one]));
  const store = {
    // The newest first.
    list: async () => ({ transactions: [...rows.values()].reverse() }),
    load: async (id: string) => rows.get(id),
    start: async ({ transactionId, epoch }: { transactionId: string; epoch: number }) => {
      const next = { ...(rows.get(transactionId) as Transaction), epoch: epoch + 1 };
      rows.set(transactionId, next);
      return next;
    },
    cancel: async (id: string) => cancelled.push(id),
    barrier: async () => undefined,
  };
  const client = {
    async send(call: Call) {
      const answered = answer(call);
      if (call instanceof StartExecutionCommand) started.push(call.input.name ?? '');
      return answered;
    },
  };
  const ports = {
    store,
    clock: { now: () => NOW },
    timing: { leaseMs: LEASE_MS },
    killSwitch: { effective: async () => 'running' },
  } as unknown as Pick<Ports, 'store' | 'clock' | 'timing' | 'killSwitch'>;
  const sfn = client as unknown as SFNClient;
  return { parts: { client: sfn, stateMachineArn: MACHINE, ports }, cancelled, started };
}

const failure = Object.assign(new Error('no'), { name: 'InvalidExecutionInput', $fault: 'client' });
const isAbout = (call: Call, id: string) => JSON.stringify(call.input).includes(id);

describe('a sweep', () => {
  it('goes on with all others when one cannot be started', async () => {
    const { parts, started } = worldOf(['tx-a', 'tx-b', 'tx-c'].map(lost), (call) => {
      if (call instanceof StartExecutionCommand && isAbout(call, 'tx-b')) throw failure;
      return { status: 'FAILED' };
    });

    const { restarted, failed } = await sweep(parts);

    expect(started).toEqual(['tx-a-2', 'tx-c-2']);
    expect(restarted.map(({ id }) => id)).toEqual(['tx-a', 'tx-c']);
    expect(failed).toEqual([{ id: 'tx-b', error: failure }]);
  });

  it('leaves alone the one that it cannot look at, and no other', async () => {
    const { parts, started } = worldOf(['tx-a', 'tx-b', 'tx-c'].map(lost), (call) => {
      if (call instanceof DescribeExecutionCommand && isAbout(call, 'tx-c')) throw failure;
      return { status: 'TIMED_OUT' };
    });

    const { failed } = await sweep(parts);

    expect(started).toEqual(['tx-a-2', 'tx-b-2']);
    expect(failed).toEqual([{ id: 'tx-c', error: failure }]);
  });

  it('ends what was stopped by hand, when no event has come', async () => {
    const { parts, cancelled, started } = worldOf(['tx-a', 'tx-b'].map(lost), (call) => ({
      status: isAbout(call, 'tx-a') ? 'ABORTED' : 'TIMED_OUT',
    }));

    await sweep(parts);

    expect(cancelled).toEqual(['tx-a']);
    expect(started).toEqual(['tx-a-2', 'tx-b-2']);
  });
});
