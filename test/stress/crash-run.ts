import type { Bed } from './crash-bed.ts';
import type { Lane } from './crash-process.ts';
import {
  type Digests,
  EXPIRED_MS,
  planScenario,
  pointsWhere,
  recoveryScenario,
  type Scenario,
  trialAt,
} from './crash-scenario.ts';
import { type Tally, tally } from './crash-tally.ts';
import type { Trial } from './crash-trial.ts';

/** Which of the points of a scenario are tried. */
export type Choose = (points: number) => readonly number[];

/** One scenario's result. */
export interface Coverage extends Tally {
  readonly name: string;
  /** The points that the scenario has. */
  readonly total: number;
}

/** The uninterrupted runs that everything is compared with. */
export interface Baseline {
  readonly commits: Scenario;
  readonly fails: Scenario;
  readonly digests: Digests;
}

/** Where the first crash of a recovery happens: in the plan that commits and in the one that fails. */
const RECOVERED_AFTER = [
  ['commits', /^after store\.change running decision/, 3],
  ['commits', /^before cloud\.call iam:DetachRolePolicy/, 1],
  ['commits', /^after cloud\.call iam:PutRolePolicy/, 2],
  ['fails', /^after cloud\.call iam:AttachRolePolicy/, 1],
  ['fails', /^after cloud\.call iam:DeleteRolePermissionsBoundary/, 1],
  ['fails', /^before signer\.sign/, 1],
] as const;

/** A point at which the disk may hold something else than at the point before. */
const DISK = /store\.(create|start|change|barrier)|disk|signer|cloud\.call iam:(?!Get|List)/;

/** Runs both plans to their ends, each of which must be what it is meant to be. */
export async function baseline(bed: Bed, lane: Lane): Promise<Baseline> {
  const commits = await planScenario(bed, lane, { plan: 'commits' });
  const fails = await planScenario(bed, lane, { plan: 'fails' });
  const { beforeDigest } = bed;
  return { commits, fails, digests: { beforeDigest, fullDigest: commits.digest } };
}

/** Kills a plan at the chosen points. */
export async function killPlan(
  bed: Bed,
  lanes: readonly Lane[],
  { scenario, digests }: { readonly scenario: Scenario; readonly digests: Digests },
  choose: Choose,
): Promise<Coverage> {
  const total = scenario.labels.length;
  const trials = choose(total).map((killAt) => trialAt(scenario, digests, killAt));
  return cover(bed, lanes, { name: scenario.plan, total, trials, scenario });
}

/** As `killPlan`, but what the restart finds of unsynced writes is up to `keeps`. */
export async function cutPlan(
  bed: Bed,
  lanes: readonly Lane[],
  cut: {
    readonly scenario: Scenario;
    readonly digests: Digests;
    readonly keeps: () => number;
    readonly name: string;
  },
  choose: Choose,
): Promise<Coverage> {
  const { scenario, digests, keeps, name } = cut;
  const points = pointsWhere(scenario, DISK);
  const trials = choose(points.length).map((index) => ({
    ...trialAt(scenario, digests, points[index - 1] ?? 0),
    keeps,
  }));
  return cover(bed, lanes, { name, total: points.length, trials, scenario });
}

/** As `killPlan`, but the restart comes after the deadline of the plan. */
export async function abandonPlan(
  bed: Bed,
  lanes: readonly Lane[],
  { scenario, digests }: { readonly scenario: Scenario; readonly digests: Digests },
  choose: Choose,
): Promise<Coverage> {
  const points = pointsWhere(scenario, DISK);
  const trials = choose(points.length).map((index) => {
    const trial = trialAt(scenario, digests, points[index - 1] ?? 0);
    return { ...trial, restartsAt: scenario.startsAt + EXPIRED_MS };
  });
  return cover(bed, lanes, { name: 'abandoned', total: points.length, trials, scenario });
}

/** Kills recoveries from six representative crashes at the chosen points of each. */
export async function killRecoveries(
  bed: Bed,
  lanes: readonly Lane[],
  { commits, fails, digests }: Baseline,
  choose: Choose,
): Promise<readonly Coverage[]> {
  const [lane] = lanes;
  if (lane === undefined) return [];
  const covered: Coverage[] = [];
  for (const [plan, pattern, nth] of RECOVERED_AFTER) {
    const scenario = plan === 'commits' ? commits : fails;
    const killAt = pointsWhere(scenario, pattern)[nth - 1] ?? 0;
    const recovery = await recoveryScenario(bed, lane, { scenario, killAt });
    const total = recovery.labels.length;
    const trials = choose(total).map((point) => trialAt(recovery, digests, point));
    const name = `recovery of \`${plan}\` killed ${scenario.labels[killAt - 1]}`;
    covered.push(await cover(bed, lanes, { name, total, trials, scenario: recovery }));
  }
  return covered;
}

async function cover(
  bed: Bed,
  lanes: readonly Lane[],
  plan: {
    readonly name: string;
    readonly total: number;
    readonly trials: readonly Trial[];
    readonly scenario: Scenario;
  },
): Promise<Coverage> {
  const nameOf = ({ killAt }: Trial) =>
    `point ${killAt}, ${plan.scenario.labels[killAt - 1] ?? 'unknown'}`;
  const result = await tally(bed, lanes, plan.trials, nameOf);
  return { ...result, name: plan.name, total: plan.total };
}
