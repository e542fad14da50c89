import { InvariantError } from '../../core/errors.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { PlanName } from './crash-account.ts';
import { type Bed, STARTS_AT } from './crash-bed.ts';
import { checkFolder } from './crash-check.ts';
import type { Mutant } from './crash-mutants.ts';
import type { Lane } from './crash-process.ts';
import { runWhole, type Trial } from './crash-trial.ts';

/** A restart while a claimed effect could still land, with the default `effectMs` of 5 s. */
const SOON_MS = 1_000;
/** One after every deadline of a claim. */
const LATE_MS = 60_000;
/** One after the deadline of the plan. */
export const EXPIRED_MS = 1_000_000;

/** One uninterrupted run, by which points are known and numbered from 1. */
export interface Scenario {
  readonly from: string;
  readonly work: 'transact' | 'recover';
  readonly plan: PlanName;
  readonly startsAt: number;
  readonly labels: readonly string[];
  /** The first point at which the caller knows that the proposal is accepted. */
  readonly acknowledgedAt: number;
  /** The first point at which the end is durable, infinite when there is none. */
  readonly settledAt: number;
  readonly status: Transaction['status'];
  readonly digest: string;
  readonly mutant?: Mutant;
}

/** Digests of the account before the plan and after all of it. */
export interface Digests {
  readonly beforeDigest: string;
  readonly fullDigest: string;
}

/** Runs a plan once and remembers what it passed. */
export async function planScenario(
  bed: Bed,
  lane: Lane,
  { plan, mutant }: { readonly plan: PlanName; readonly mutant?: Mutant },
): Promise<Scenario> {
  const job = {
    from: bed.template,
    work: 'transact',
    plan,
    startsAt: STARTS_AT,
    ...(mutant && { mutant }),
  } as const;
  return observe(bed, lane, job);
}

/** Kills a plan at one point and remembers what a restart passes; `from` is removed with the bed. */
export async function recoveryScenario(
  bed: Bed,
  lane: Lane,
  { scenario, killAt }: { readonly scenario: Scenario; readonly killAt: number },
): Promise<Scenario> {
  const { plan, startsAt } = scenario;
  const from = bed.copy(bed.template);
  const victim = { work: 'transact', plan, startsAt, killAt, folder: from } as const;
  if ((await lane.run(victim)) !== 'killed') throw new InvariantError('the victim lives');
  const job = { from, work: 'recover', plan, startsAt: startsAt + SOON_MS } as const;
  const recovery = { ...(await observe(bed, lane, job)), acknowledgedAt: 0 };
  // What was durably over before the first crash stays so.
  return killAt >= scenario.settledAt ? { ...recovery, settledAt: 0 } : recovery;
}

/** The trial that kills a scenario at one point; restarts come soon and late by turns. */
export function trialAt(scenario: Scenario, digests: Digests, killAt: number): Trial {
  const { from, work, plan, startsAt, acknowledgedAt, settledAt, status, mutant } = scenario;
  const isSoon = work === 'transact' && Math.floor(killAt / 2) % 2 === 0;
  return {
    from,
    work,
    plan,
    killAt,
    startsAt,
    restartsAt: startsAt + (isSoon ? SOON_MS : LATE_MS),
    expected: {
      ...digests,
      isAcknowledged: killAt >= acknowledgedAt,
      ...(killAt >= settledAt ? { status } : {}),
    },
    ...(mutant && { mutant }),
  };
}

/** The numbers of the points whose label matches. */
export function pointsWhere({ labels }: Scenario, pattern: RegExp): readonly number[] {
  return labels.flatMap((label, index) => (pattern.test(label) ? [index + 1] : []));
}

async function observe(
  bed: Bed,
  lane: Lane,
  job: Omit<Trial, 'killAt' | 'restartsAt' | 'expected'>,
): Promise<Scenario> {
  return runWhole(bed, lane, job, async ({ labels, acknowledgedAt, endedAt }, folder) => {
    if (
      endedAt - job.startsAt >= LATE_MS ||
      (job.work === 'transact' && endedAt - job.startsAt >= SOON_MS)
    )
      throw new InvariantError('a restart would come before the end of the run');
    const look = { beforeDigest: '', fullDigest: '', isAcknowledged: true };
    const { status, digest } = await checkFolder(folder, look, bed.decisionPoint);
    if (status === 'absent') throw new InvariantError('the plan left no transaction');
    return { ...job, labels, acknowledgedAt, settledAt: settledAt(labels, status), status, digest };
  });
}

/** The outcome is told once the barrier after its write is done. */
function settledAt(labels: readonly string[], status: string): number {
  const written = labels.findIndex((label) => label.startsWith(`after store.change ${status} `));
  const synced = written === -1 ? -1 : labels.indexOf('after store.barrier', written);
  return synced === -1 ? Number.POSITIVE_INFINITY : synced + 1;
}
