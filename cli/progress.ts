import type { EvidenceRecord } from '../core/evidence/record.ts';
import type { Ports } from '../core/tasks/ports.ts';
import type { Output } from './output.ts';

/** Puts a listener behind the store: it hears of records once they are written. */
export function listening(report: (record: EvidenceRecord) => void): (ports: Ports) => Ports {
  return (ports) => ({
    ...ports,
    store: {
      ...ports.store,
      async change(change) {
        await ports.store.change(change);
        for (const record of change.records) report(record);
      },
    },
  });
}

const WORDS: Readonly<Record<string, string>> = {
  proposed: 'proposed',
  located: 'found its target',
  preflighted: 'decided on predictions',
  decided: 'decided',
  claimed: 'claimed',
  acknowledged: 'applied',
  verified: 'verified',
  compensating: 'being undone',
  compensated: 'undone',
  approved: 'approved',
  refused: 'refused',
  resolved: 'resolved',
};

/** A listener that prints each record of each stream once, whichever way it comes. */
export function progressPrinter(output: Output): (record: EvidenceRecord) => void {
  const printed = new Map<string, number>();
  return (record) => {
    if (record.seq <= (printed.get(record.streamId) ?? -1)) return;
    printed.set(record.streamId, record.seq);
    const line = progressLine(record);
    if (line !== undefined) output.message(output.messageColors.dim(line));
  };
}

/** A record as one line of progress, or undefined where a person needs no line. */
export function progressLine(
  record: Pick<EvidenceRecord, 'kind' | 'stepIndex' | 'data'>,
): string | undefined {
  const { kind, stepIndex, data } = record;
  // The outcome is printed by the command itself; what is found and vended is detail.
  if (kind === 'outcome' || kind === 'vended' || kind === 'located' || kind === 'claimed')
    return undefined;
  const place = stepIndex === undefined ? 'plan' : `step ${stepIndex + 1}`;
  const words = WORDS[kind] ?? kind;
  const answer = kind === 'decided' || kind === 'acknowledged' ? data['answer'] : undefined;
  return `  ${place}: ${words}${typeof answer === 'string' ? ` (${answer})` : ''}`;
}
