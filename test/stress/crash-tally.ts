import type { Bed } from './crash-bed.ts';
import type { Finding } from './crash-check.ts';
import type { Lane } from './crash-process.ts';
import { runTrial, type Trial } from './crash-trial.ts';

/** Violations that are printed of one scenario. */
const PRINTED_MAX = 20;

/** What the trials of one scenario came to. */
export interface Tally {
  readonly points: number;
  /** Points at which something was violated. */
  readonly red: number;
  /** Points that could not be tried; violations as well, but not red. */
  readonly failed: number;
  readonly violations: readonly string[];
  /** How many transactions ended how. */
  readonly ends: Readonly<Record<string, number>>;
}

/** Runs trials on all lanes at once. */
export async function tally(
  bed: Bed,
  lanes: readonly Lane[],
  trials: readonly Trial[],
  nameOf: (trial: Trial) => string,
): Promise<Tally> {
  const findings: { readonly trial: Trial; readonly finding: Judgement }[] = [];
  const queue = trials.values();
  await Promise.all(
    lanes.map(async (lane) => {
      for (const trial of queue) findings.push({ trial, finding: await judge(bed, lane, trial) });
    }),
  );
  const ends: Record<string, number> = {};
  for (const { finding } of findings) ends[finding.status] = (ends[finding.status] ?? 0) + 1;
  const violations = findings.flatMap(({ trial, finding }) =>
    finding.violations.map((violation) => `${nameOf(trial)}: ${violation}`),
  );
  const failed = ends['failed'] ?? 0;
  const red = findings.filter(({ finding }) => finding.violations.length > 0).length - failed;
  return { points: trials.length, red, failed, violations, ends };
}

interface Judgement extends Pick<Finding, 'violations'> {
  readonly status: Finding['status'] | 'failed';
}

async function judge(bed: Bed, lane: Lane, trial: Trial): Promise<Judgement> {
  try {
    return await runTrial(bed, lane, trial);
  } catch (error) {
    return { status: 'failed', violations: [String(error)] };
  }
}

/** One line of figures, and what was violated. */
export function tallyText(name: string, { points, violations, ends }: Tally): string {
  const ended = Object.entries(ends)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([status, count]) => `${status} ${count}`);
  const line = `${name}: ${points} points, ${ended.join(', ')}, violations ${violations.length}`;
  return [line, ...violations.slice(0, PRINTED_MAX).map((one) => `  ${one}`)].join('\n');
}
