import type { Json } from '../json.ts';
import { hexOf } from './bytes.ts';
import { strictBytes } from './canonical.ts';
import { dryRunValue } from './dry-run.ts';
import type { Hasher } from './merkle.ts';
import type { Story, Told } from './story.ts';
import { demand } from './story-rules.ts';

type Approved = Told<'approved'>;
type Prepared = Told<'preflighted'>['data']['steps'][number];

/** One dry run as preflight wrote it: its records are of one epoch. */
interface Run {
  readonly seq: number;
  readonly at: number;
  readonly policySetDigest: string | undefined;
  /** Only asked where there are approvals: to make it costs as much as a signature. */
  dryRunDigest(): string;
  /** How many approvals it waits for; 0 when it does not wait. */
  readonly needed: number;
}

/**
 * Requires that what waited for approvals ran only after them: so many different operators, none
 * of them its proposer, said yes to this plan, this dry run and this policy set; in time, and to
 * one run, which found the same. Throws `EvidenceError` (`evidence-inconsistent`).
 */
export function demandApprovals(hasher: Hasher, story: Story): void {
  const runs = readRuns(hasher, story);
  for (const approved of story.approved) demandApproved(story, runs, approved);
  for (const refused of story.refused) {
    demandOperator(refused);
    demand(runBefore(runs, refused) !== undefined, refused, 'refuses what does not wait');
    const [outcome] = story.outcome;
    const isRejected = outcome === undefined || outcome.data.status === 'rejected';
    demand(isRejected, refused, 'refuses what did not end rejected');
  }
  demandGranted(story, runs);
}

function demandApproved(story: Story, runs: readonly Run[], approved: Approved): void {
  const { by, expiresAt, planDigest, dryRunDigest, policySetDigest } = approved.data;
  demandOperator(approved);
  demand(by !== story.proposed[0]?.actor, approved, 'approves what its operator proposed');
  const run = runBefore(runs, approved);
  demand(run !== undefined, approved, 'approves what does not wait');
  const isOfPlan = planDigest === story.proposed[0]?.data.planDigest;
  demand(isOfPlan, approved, 'approves another plan');
  demand(dryRunDigest === run.dryRunDigest(), approved, 'approves another dry run');
  const isOfPolicies = policySetDigest === run.policySetDigest;
  demand(isOfPolicies, approved, 'approves under another policy set');
  const at = Date.parse(approved.at);
  demand(at < expiresAt, approved, 'approves too late');
  const earlier = validBetween(story, run.seq, approved.seq, at);
  demand(!earlier.some((one) => one.data.by === by), approved, 'approves twice');
  demand(earlier.length < run.needed, approved, 'approves what was approved');
}

/** What acted after it had waited: its last run, and every decision of it. */
function demandGranted(story: Story, runs: readonly Run[]): void {
  const allowed = story.decided.filter(({ data }) => data.answer === 'allow');
  const acted = [...allowed, ...story.claimed].sort((one, other) => one.seq - other.seq);
  const last = runs.at(-1);
  const waited = runs.findLast((one) => one.needed > 0);
  const [first] = acted;
  if (first !== undefined && last !== undefined && waited !== undefined) {
    demand(last.needed === 0 && last.seq < first.seq, first, 'acts while it waits for approvals');
    const isSame = last.dryRunDigest() === waited.dryRunDigest();
    demand(isSame, first, 'acts on another dry run than was approved');
    const isUnderSame = last.policySetDigest === waited.policySetDigest;
    demand(isUnderSame, first, 'acts under another policy set than was approved');
  }
  const given =
    last === undefined || waited === undefined
      ? []
      : validBetween(story, waited.seq, last.seq, last.at);
  if (first !== undefined)
    demand(given.length >= (waited?.needed ?? 0), first, 'acts without the approvals it needs');
  for (const decided of allowed) {
    const { approvals = 0, policySetDigest } = decided.data.decision ?? {};
    const isBound = waited !== undefined && policySetDigest === waited.policySetDigest;
    const count = isBound ? given.length : 0;
    demand(approvals === count, decided, `rests on ${approvals} approvals where ${count} count`);
  }
}

/** Approvals between two records that had not expired at a time, one an operator. */
function validBetween(story: Story, from: number, to: number, at: number): readonly Approved[] {
  const byOperator = new Map(
    story.approved
      .filter(({ seq, data }) => seq > from && seq < to && at < data.expiresAt)
      .map((one) => [one.data.by, one]),
  );
  return [...byOperator.values()];
}

/** The run that a record is about, if that waits. */
function runBefore(runs: readonly Run[], { seq }: { readonly seq: number }): Run | undefined {
  const run = runs.findLast((one) => one.seq < seq);
  return run !== undefined && run.needed > 0 ? run : undefined;
}

function demandOperator(record: Approved | Told<'refused'>): void {
  const isOperator = record.data.by === record.actor && record.actor.startsWith('operator:');
  demand(isOperator, record, 'is not the word of the operator that it names');
}

function readRuns(hasher: Hasher, story: Story): readonly Run[] {
  const epochs = Map.groupBy(story.preflighted, ({ epoch }) => epoch);
  return [...epochs.values()].map((entries) => {
    const [first] = entries as [Told<'preflighted'>];
    const steps = entries.flatMap(({ data }) => data.steps);
    return {
      seq: first.seq,
      at: Date.parse(first.at),
      policySetDigest: first.data.policySetDigest,
      dryRunDigest: () => dryRunDigest(hasher, story, first.seq, steps),
      needed: Math.max(0, ...steps.map(({ decision }) => neededOf(decision))),
    };
  });
}

function neededOf(decision: Prepared['decision']): number {
  if (decision?.answer !== 'awaiting-approval') return 0;
  return Math.max(1, decision.approvalsNeeded ?? 1);
}

function dryRunDigest(
  hasher: Hasher,
  story: Story,
  seq: number,
  steps: readonly Prepared[],
): string {
  const value = steps.map((step) => {
    const { stepIndex, resources, footprint, beforeDigest, predictedDigest, facts } = step;
    const located = story.located.findLast((one) => one.seq < seq && one.stepIndex === stepIndex);
    const target: Json | undefined = located?.data.target;
    return { target, resources, footprint, beforeDigest, predictedDigest, facts };
  });
  return hexOf(hasher.sha256(strictBytes(dryRunValue(value))));
}
