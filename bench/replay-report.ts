import { print } from './print.ts';
import { measureReplay, type ReplayRate } from './replay.ts';

/** Replays of five-step transactions a second on one core, at least. */
const PER_SECOND_MIN = 250;

/** Measures and prints how fast transactions are run again. */
export async function reportReplay(folder: string): Promise<void> {
  const rates = [await measureReplay(folder, 'committed'), await measureReplay(folder, 'failing')];
  print('Replay of five-step transactions, one core', [
    ['outcome', 'rate', 'records', ''],
    ...rates.map((one) => [
      one.outcome,
      `${one.perSecond} /s`,
      `${one.recordsPerSecond} /s`,
      targetOf(one),
    ]),
  ]);
}

function targetOf({ outcome, perSecond }: ReplayRate): string {
  if (outcome !== 'committed') return '';
  return `>= ${PER_SECOND_MIN}/s: ${perSecond >= PER_SECOND_MIN ? 'met' : 'missed'}`;
}
