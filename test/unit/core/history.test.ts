import { describe, expect, test } from '@jest/globals';
import { longHistory } from '../../../bench/long-history.ts';
import { EvidenceError, InvalidInputError } from '../../../core/errors.ts';
import type { EvidenceRecord } from '../../../core/evidence/record.ts';
import { foldRecord } from '../../../core/history/fold.ts';
import { historyOf, SNAPSHOT_RECORDS, stateAt } from '../../../core/history/history.ts';
import type { RecordedState } from '../../../core/history/recorded-state.ts';
import { codeOf } from '../evidence/support/code-of.ts';

const records = longHistory(20);
const last = records.length - 1;

/** The records with a count of those that were looked at. */
function counted(): { readonly records: readonly EvidenceRecord[]; readonly reads: () => number } {
  let reads = 0;
  const handler: ProxyHandler<EvidenceRecord[]> = {
    get(target, key, receiver) {
      if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1;
      return Reflect.get(target, key, receiver);
    },
  };
  return { records: new Proxy([...records], handler), reads: () => reads };
}

describe('a history', () => {
  test('is the same whether it jumps or goes record by record', () => {
    const states: RecordedState[] = [];
    for (const record of records) states.push(foldRecord(states.at(-1), record));
    const history = historyOf(records);

    const jumps = records.map((_, index) => (index * 997) % records.length);

    for (const seq of jumps) expect(history.at(seq)).toEqual(states[seq]);
    expect(new Set(jumps).size).toBe(records.length);
  });

  test('folds at most the records between two snapshots once it has been there', () => {
    const { records: watched, reads } = counted();
    const history = historyOf(watched);
    history.at(last);
    const first = reads();

    const folds = records.map((_, index) => {
      const before = reads();
      history.at(last - index);
      return reads() - before;
    });

    expect(first).toBe(records.length);
    expect(Math.max(...folds)).toBeLessThan(SNAPSHOT_RECORDS);
  });

  test('says which records there are', () => {
    const hint = `there are records 0 to ${last}`;
    for (const seq of [records.length, -1, 0.5, Number.NaN]) {
      const ask = () => stateAt(records, seq);

      expect(ask).toThrow(InvalidInputError);
      expect(ask).toThrow(expect.objectContaining({ code: 'no-such-record', hint }));
    }
    expect(() => stateAt([], 0)).toThrow(expect.objectContaining({ hint: 'there are no records' }));
  });

  test('ends with every step compensated, and its states known', () => {
    const { status, reason, cursor, steps } = stateAt(records, last);

    expect({ status, reason, cursor }).toEqual({
      status: 'compensated',
      reason: { code: 'failed' },
      cursor: { stepIndex: 0, phase: 'seal', attempt: 3 },
    });
    for (const { claims, verified, compensated, prepared } of steps) {
      expect(claims.map(({ kind }) => kind)).toEqual([
        ...['apply', 'apply', 'apply'],
        ...['compensate', 'compensate', 'compensate'],
      ]);
      expect(verified?.ok).toBe(true);
      expect(compensated?.state).toEqual(prepared?.before);
    }
  });
});

describe('records that tell no state are refused', () => {
  const changed = (seq: number, change: Partial<EvidenceRecord>) =>
    records.map((one) => (one.seq === seq ? { ...one, ...change } : one));
  const indexOf = (kind: string) => records.findIndex((one) => one.kind === kind);
  const claimed = indexOf('claimed');

  test.each([
    ['no first record', records.slice(1)],
    ['a gap', records.filter(({ seq }) => seq !== 5)],
    ['a second proposal', changed(3, { kind: 'proposed', data: records[0]?.data ?? {} })],
    ['an unknown kind', changed(3, { kind: 'guessed' })],
    ['a kind of every object', changed(3, { kind: 'constructor' })],
    ['a step that the plan has not', changed(claimed, { stepIndex: 20 })],
    ['no step', changed(indexOf('unwinding'), {}).map(withoutStep('unwinding'))],
    ['an answer to no claim', changed(indexOf('vended'), { data: { attemptId: 'other' } })],
    ['a claim without an attempt', records.map(withoutAttempt('claimed'))],
    ['an approval that nobody waits for', changed(claimed, approved())],
    ['data that is missing', changed(claimed, { data: {} })],
    ['an answer that is none', changed(indexOf('acknowledged'), { data: { answer: 'maybe' } })],
  ])('%s', (_what, told) => {
    const ask = () => stateAt(told, told.length - 1);

    expect(ask).toThrow(EvidenceError);
    expect(codeOf(ask)).toBe('evidence-inconsistent');
  });
});

function withoutStep(kind: string) {
  return ({ stepIndex, ...rest }: EvidenceRecord): EvidenceRecord =>
    rest.kind === kind || stepIndex === undefined ? rest : { ...rest, stepIndex };
}

function withoutAttempt(kind: string) {
  return ({ attempt, ...rest }: EvidenceRecord): EvidenceRecord =>
    rest.kind === kind || attempt === undefined ? rest : { ...rest, attempt };
}

function approved(): Partial<EvidenceRecord> {
  return { kind: 'approved', data: { by: 'operator:kim', expiresAt: 1 } };
}
