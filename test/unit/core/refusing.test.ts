import { describe, expect, it } from '@jest/globals';
import {
  DecisionError,
  DeniedError,
  HaltedError,
  StaleStateError,
  TransientError,
} from '../../../core/errors.ts';
import type { ControlRecord } from '../../../core/tasks/control.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import { recordingRefusals } from '../../../core/tasks/refusing.ts';

const STATE = { transactionId: 'tx-1', epoch: 2, stepIndex: 3, next: 'execute' };
const AT_MS = Date.UTC(2026, 0, 2);

const open = ({ isStoreUp = true } = {}) => {
  const records: ControlRecord[] = [];
  const ports = {
    clock: { now: () => AT_MS },
    store: {
      async appendControl(record: ControlRecord) {
        if (!isStoreUp) throw new TransientError('store-unreachable', 'nobody answers');
        records.push(record);
      },
    },
  } as unknown as Ports;
  return { ports, records };
};
const throwing = (error: Error) =>
  recordingRefusals('execute', async () => {
    throw error;
  });

describe('a task whose refusals are evidence', () => {
  it.each([
    ['a stale state', new StaleStateError('`tx-1` is not authorized')],
    ['no decision', new DecisionError('decision-used', 'the decision has been used')],
  ])('records a call with %s, and refuses it', async (_what, error) => {
    const { ports, records } = open();

    await expect(throwing(error)(ports, STATE)).rejects.toBe(error);

    const { code, message } = error;
    expect(records).toMatchObject([
      {
        streamId: 'control:2026-01-02',
        kind: 'refused',
        actor: 'control-plane',
        data: { call: 'execute', transactionId: 'tx-1', epoch: 2, stepIndex: 3, code, message },
      },
    ]);
  });

  it.each([
    ['a denial', new DeniedError('denied', 'no')],
    ['a halt', new HaltedError('halt', 'no')],
    ['a lost store', new TransientError('store-unreachable', 'no')],
  ])('leaves %s to the stream of the transaction', async (_what, error) => {
    const { ports, records } = open();

    await expect(throwing(error)(ports, STATE)).rejects.toBe(error);

    expect(records).toEqual([]);
  });

  it('records nothing of a call that it serves', async () => {
    const { ports, records } = open();
    const served = recordingRefusals('execute', async (_, state) => ({ ...state, next: 'verify' }));

    expect(await served(ports, STATE)).toMatchObject({ next: 'verify' });
    expect(records).toEqual([]);
  });

  it('refuses all the same when the evidence cannot be written', async () => {
    const { ports } = open({ isStoreUp: false });

    await expect(throwing(new StaleStateError('x'))(ports, STATE)).rejects.toThrow(TransientError);
  });
});
