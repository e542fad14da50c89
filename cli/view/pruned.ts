import type { z } from 'zod';
import type { Pruned } from '../json-shapes.ts';

/** What was, or would be, pruned, and what stays and why. */
export function prunedText(report: z.infer<typeof Pruned>): string {
  const { dryRun, before, streams, records, skipped, skippedCount } = report;
  const more = skippedCount - skipped.length;
  return [
    ...skipped.map(({ streamId, reason }) => `stays: ${streamId}: ${reason}`),
    ...(more > 0 ? [`and ${more} more that stay`] : []),
    `${streams} stream(s) of ${records} records from before ${before} ` +
      (dryRun ? 'would be pruned' : 'are pruned'),
  ].join('\n');
}
