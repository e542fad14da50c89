import type { Check } from './check.ts';
import { failed, passed } from './check.ts';
import type { Seal } from './seal.ts';

/**
 * Whether the stream has ended and its last seal covers it all. A tail cut off together with its
 * seals shows as an earlier state of the stream, open as a rule: only a log of all seals tells.
 */
export function verifyComplete(recordCount: number, seals: readonly Seal[]): Check {
  const last = seals.at(-1);
  if (last === undefined) return failed('open: there is no seal');
  if (!last.final) return failed(`open: the last seal says \`${last.status}\``);
  const uncovered = recordCount - last.treeSize;
  if (uncovered > 0) return failed(`${uncovered} records follow the last seal`);
  return passed(`ended as \`${last.status}\` and sealed whole`);
}
