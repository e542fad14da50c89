import type { EvidenceRecord } from '../../core/evidence/record.ts';
import type { Ports } from '../../core/tasks/ports.ts';

/** Acts from outside at a given moment of a run, as a person or another system would. */
export interface Moments {
  /** Put between the tasks and the store. */
  readonly wrap: (ports: Ports) => Ports;
  /** Runs `act` once, right after the first record that matches has been written. */
  after(matches: (record: EvidenceRecord) => boolean, act: () => Promise<void>): void;
}

/** Watches the records of a control plane as they are written. */
export function watchMoments(): Moments {
  let waiting: { matches: (record: EvidenceRecord) => boolean; act: () => Promise<void> }[] = [];
  const seen = async (record: EvidenceRecord): Promise<void> => {
    const due = waiting.filter((each) => each.matches(record));
    waiting = waiting.filter((each) => !due.includes(each));
    for (const { act } of due) await act();
  };
  return {
    wrap: (ports) => ({
      ...ports,
      store: {
        ...ports.store,
        async change(change) {
          await ports.store.change(change);
          for (const record of change.records) await seen(record);
        },
      },
    }),
    after(matches, act) {
      waiting.push({ matches, act });
    },
  };
}
