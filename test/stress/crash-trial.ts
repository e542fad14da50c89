import { InvariantError } from '../../core/errors.ts';
import type { PlanName } from './crash-account.ts';
import type { Bed } from './crash-bed.ts';
import { checkFolder, type Expectation, type Finding } from './crash-check.ts';
import { cutPower } from './crash-disk.ts';
import type { Report } from './crash-job.ts';
import type { Mutant } from './crash-mutants.ts';
import type { Lane } from './crash-process.ts';

/** One process killed at one point, one restart, one look at what is left. */
export interface Trial {
  /** The data folder that the victim gets a copy of. */
  readonly from: string;
  readonly work: 'transact' | 'recover';
  readonly plan: PlanName;
  readonly killAt: number;
  readonly startsAt: number;
  readonly restartsAt: number;
  readonly expected: Expectation;
  readonly mutant?: Mutant;
  /** The power goes with the process; how much of what was not synced stays, 0 to 1. */
  readonly keeps?: () => number;
}

/**
 * What a trial has shown. Throws `InvariantError` when it could not be carried out: the victim
 * outlived its point, or the restart failed.
 */
export async function runTrial(bed: Bed, lane: Lane, trial: Trial): Promise<Finding> {
  const folder = bed.copy(trial.from);
  try {
    const { work, plan, killAt, startsAt, mutant } = trial;
    const victim = { work, plan, killAt, startsAt, folder, ...(mutant && { mutant }) };
    if ((await lane.run(victim)) !== 'killed')
      throw new InvariantError(`point ${killAt} was never reached`);
    if (trial.keeps !== undefined) cutPower(folder, trial.keeps);
    const restart = {
      work: 'recover',
      plan,
      killAt: 0,
      startsAt: trial.restartsAt,
      folder,
    } as const;
    const report = await lane.run(restart);
    if (report === 'killed') throw new InvariantError('the restart was killed');
    const found = await checkFolder(folder, trial.expected, bed.decisionPoint);
    return { ...found, violations: [...restartViolations(report), ...found.violations] };
  } finally {
    bed.remove(folder);
  }
}

/** Runs a job to its end on a copy of a folder and hands that folder to `look`. */
export async function runWhole<Result>(
  bed: Bed,
  lane: Lane,
  job: Omit<Trial, 'killAt' | 'restartsAt' | 'expected'>,
  look: (report: Report, folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = bed.copy(job.from);
  const { work, plan, startsAt, mutant } = job;
  const wanted = { work, plan, startsAt, killAt: 0, folder, ...(mutant && { mutant }) };
  const report = await lane.run(wanted);
  if (report === 'killed') throw new InvariantError('nobody killed this one');
  const result = await look(report, folder);
  bed.remove(folder);
  return result;
}

function restartViolations(report: Report): string[] {
  return [
    ...(report.left === 0 ? [] : ['the restart left something undone']),
    ...(report.repeated === 'another' ? ['proposing again made another transaction'] : []),
  ];
}
