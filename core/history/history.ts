import { InvalidInputError } from '../errors.ts';
import type { EvidenceRecord } from '../evidence/record.ts';
import { foldRecord } from './fold.ts';
import type { RecordedState } from './recorded-state.ts';

/** Records between two states that are kept: a jump folds no more than these. */
export const SNAPSHOT_RECORDS = 64;

/** The states that a transaction went through, one a record. */
export interface History {
  /**
   * What the records up to and with `seq` tell. The first call for a place folds all before it, a
   * later one at most `SNAPSHOT_RECORDS`. Throws `InvalidInputError` (`no-such-record`),
   * `EvidenceError` (`evidence-inconsistent`) for records that tell no state.
   */
  at(seq: number): RecordedState;
}

/** The history of a transaction's stream, whole or any prefix of it. */
export function historyOf(records: readonly EvidenceRecord[]): History {
  const snapshots: RecordedState[] = [];
  return {
    at(seq) {
      requireRecord(records, seq);
      const from = Math.min(Math.floor((seq + 1) / SNAPSHOT_RECORDS), snapshots.length);
      let state = snapshots[from - 1];
      for (let next = from * SNAPSHOT_RECORDS; next <= seq; next += 1) {
        state = foldRecord(state, records[next] as EvidenceRecord);
        const isSnapshot = (next + 1) % SNAPSHOT_RECORDS === 0;
        if (isSnapshot) snapshots[(next + 1) / SNAPSHOT_RECORDS - 1] = state;
      }
      return state as RecordedState;
    },
  };
}

/** One state of a history; whoever wants several takes `historyOf`. Throws as `at` does. */
export function stateAt(records: readonly EvidenceRecord[], seq: number): RecordedState {
  return historyOf(records).at(seq);
}

function requireRecord(records: readonly EvidenceRecord[], seq: number): void {
  if (Number.isSafeInteger(seq) && seq >= 0 && seq < records.length) return;
  throw new InvalidInputError('no-such-record', `there is no record \`${seq}\``, {
    hint:
      records.length === 0
        ? 'there are no records'
        : `there are records 0 to ${records.length - 1}`,
  });
}
