import type { z } from 'zod';
import type { Salvaged } from '../json-shapes.ts';
import type { Colors } from '../output.ts';

/** What was salvaged, and what is damaged: the files, then stream by stream. */
export function salvagedText(report: z.infer<typeof Salvaged>, colors: Colors): string {
  const { ok, folder, damage, exported, valid, damaged, damagedCount } = report;
  const more = damagedCount - damaged.length;
  return [
    ...damage.map((line) => colors.red(`damaged: ${line}`)),
    ...damaged.map(({ streamId, reason }) => colors.red(`damaged: ${streamId}: ${reason}`)),
    ...(more > 0 ? [`and ${more} more damaged stream(s)`] : []),
    `${folder}: ${exported} stream(s) exported, ${valid} of them valid`,
    ok ? colors.green('nothing is damaged') : `${damagedCount} stream(s) are damaged`,
  ].join('\n');
}
