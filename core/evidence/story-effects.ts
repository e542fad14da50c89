import type { Story, Told } from './story.ts';
import { demand } from './story-rules.ts';

type Claimed = Told<'claimed'>;
type Decided = Told<'decided'>;
type Decision = NonNullable<Decided['data']['decision']>;
/** What preflight wrote of a step. */
export type Prepared = Told<'preflighted'>['data']['steps'][number];

/** A claim with all that the records say of it. */
export interface Effect {
  readonly claim: Claimed;
  /** The step as preflight saw it last before the claim. */
  readonly prepared: Prepared;
  /** The recorded answer; without one, applied or not is unknown. */
  readonly acknowledged?: Told<'acknowledged'>;
}

/**
 * The effects of a story, in the order of their claims. Throws `EvidenceError`
 * (`evidence-inconsistent`) unless each was decided, claimed once, and credentials and answers
 * belong to a claim.
 */
export function readEffects(story: Story, transactionId: string, planDigest: string): Effect[] {
  const decisions = readDecisions(story, transactionId, planDigest);
  demandAttempts(story);
  const answers = new Map(story.acknowledged.map((entry) => [entry.data.attemptId, entry]));
  const consumed = new Set<string>();
  const latest = new Map<number, string>();
  const effects: Effect[] = [];
  for (const { claim, prepared } of pairWithPreflight(story)) {
    const { stepIndex } = claim;
    const { attemptId, decisionId } = claim.data;
    demandDecided(claim, decisions.get(decisionId));
    demand(!consumed.has(decisionId), claim, 'claims with a decision that was consumed before');
    consumed.add(decisionId);
    demandBefore(claim, decisions.get(decisionId)?.decision, prepared);
    const earlier = answers.get(latest.get(stepIndex) ?? '');
    const isFree = !latest.has(stepIndex) || (isWithoutEffect(earlier) && earlier.seq < claim.seq);
    demand(isFree, claim, 'claims a step again whose earlier claim may have acted');
    latest.set(stepIndex, attemptId);
    const acknowledged = answers.get(attemptId);
    effects.push({ claim, prepared, ...(acknowledged === undefined ? {} : { acknowledged }) });
  }
  return effects;
}

/** True when the answer says that the claimed call had no effect. */
function isWithoutEffect(
  acknowledged: Told<'acknowledged'> | undefined,
): acknowledged is Told<'acknowledged'> {
  const answer = acknowledged?.data.answer;
  return answer === 'refused' || answer === 'not-applied';
}

function readDecisions(
  story: Story,
  transactionId: string,
  planDigest: string,
): ReadonlyMap<string, { readonly decided: Decided; readonly decision: Decision }> {
  const decisions = new Map<string, { decided: Decided; decision: Decision }>();
  for (const decided of story.decided) {
    const { decision, answer } = decided.data;
    if (decision === undefined || answer !== 'allow') continue;
    demand(!decisions.has(decision.id), decided, 'repeats the id of an earlier decision');
    const isOfPlan = decision.transactionId === transactionId && decision.planDigest === planDigest;
    demand(isOfPlan, decided, 'holds a decision on another transaction or plan');
    const isOfRecord =
      decision.stepIndex === decided.stepIndex &&
      decision.attempt === decided.attempt &&
      decision.epoch === decided.epoch;
    demand(isOfRecord, decided, 'holds a decision on another step, attempt or epoch');
    decisions.set(decision.id, { decided, decision });
  }
  return decisions;
}

function pairWithPreflight(
  story: Story,
): readonly { readonly claim: Claimed; readonly prepared: Prepared }[] {
  const latest = new Map<number, Prepared>();
  let next = 0;
  return story.claimed.map((claim) => {
    for (let entry = story.preflighted[next]; entry !== undefined && entry.seq < claim.seq; ) {
      for (const prepared of entry.data.steps) latest.set(prepared.stepIndex, prepared);
      entry = story.preflighted[++next];
    }
    const prepared = latest.get(claim.stepIndex);
    demand(prepared !== undefined, claim, 'claims a step without preflight');
    return { claim, prepared };
  });
}

function demandDecided(
  claim: Claimed,
  found: { readonly decided: Decided; readonly decision: Decision } | undefined,
): void {
  const isDecided = found !== undefined && found.decided.seq < claim.seq;
  demand(isDecided, claim, 'claims without a decision to allow before it');
  const { decision } = found;
  demand(decision.stepIndex === claim.stepIndex, claim, 'claims with a decision on another step');
  demand(decision.attempt === claim.attempt, claim, 'claims with a decision on another attempt');
  demand(decision.epoch === claim.epoch, claim, 'claims with a decision of another epoch');
  // Both times are the host's clock; who came first is told by the order, not by the clock.
  const isInTime = Date.parse(claim.at) <= decision.expiresAt;
  demand(isInTime, claim, 'claims with a decision that has expired');
}

function demandBefore(claim: Claimed, decision: Decision | undefined, prepared: Prepared): void {
  const { beforeDigest } = claim.data;
  const isDecidedOn = beforeDigest === decision?.beforeDigest;
  demand(isDecidedOn, claim, 'claims on another state than was decided on');
  const isPrepared = beforeDigest === prepared.beforeDigest;
  demand(isPrepared, claim, 'claims on another state than preflight expected');
}

function demandAttempts(story: Story): void {
  const attempts = new Map<string, { readonly seq: number; readonly stepIndex: number }>();
  for (const claim of [...story.claimed, ...story.compensating]) {
    const { attemptId } = claim.data;
    demand(!attempts.has(attemptId), claim, 'repeats the attempt id of another claim');
    attempts.set(attemptId, claim);
  }
  for (const [what, entries] of [
    ['vends credentials', story.vended],
    ['acknowledges an effect', story.acknowledged],
  ] as const) {
    const seen = new Set<string>();
    for (const entry of entries) {
      const { attemptId } = entry.data;
      const claim = attempts.get(attemptId);
      const isClaimed = claim !== undefined && claim.seq < entry.seq;
      demand(isClaimed, entry, `${what} without a claim before it`);
      demand(claim.stepIndex === entry.stepIndex, entry, `${what} for the claim of another step`);
      demand(!seen.has(attemptId), entry, `${what} twice for one claim`);
      seen.add(attemptId);
    }
  }
}
