import type { Story, Told } from './story.ts';
import type { Effect } from './story-effects.ts';
import type { Place } from './story-rules.ts';
import { demand } from './story-rules.ts';

/** Requires that the outcome is the one that the effects lead to. Throws `EvidenceError`
 * (`evidence-inconsistent`). */
export function demandEnd(story: Story, effects: readonly Effect[]): void {
  const [outcome] = story.outcome;
  if (outcome === undefined) return;
  switch (outcome.data.status) {
    case 'committed':
      demandCommitted(story, effects, outcome);
      break;
    case 'rejected':
      demandRejected(story, outcome);
      break;
    case 'compensated':
      demandCompensated(story, effects, outcome);
      break;
    case 'stuck':
      // Says of itself that nobody knows; a person decides.
      break;
  }
}

function demandCommitted(story: Story, effects: readonly Effect[], outcome: Place): void {
  const isUndone = story.compensating.length + story.compensated.length > 0;
  demand(!isUndone, outcome, 'says committed, and yet a step was compensated');
  const lastEffects = new Map(effects.map((effect) => [effect.claim.stepIndex, effect]));
  const lastVerified = lastByStep(story.verified);
  for (let stepIndex = 0; stepIndex < stepCount(story); stepIndex++) {
    const says = `says committed, and yet step ${stepIndex}`;
    const effect = lastEffects.get(stepIndex);
    const answer = effect?.acknowledged?.data.answer;
    demand(effect !== undefined, outcome, `${says} was never claimed`);
    demand(answer === 'applied' || answer === 'recovered', outcome, `${says} was not applied`);
    const verified = lastVerified.get(stepIndex);
    const isLater = verified !== undefined && verified.seq > (effect.acknowledged?.seq ?? 0);
    demand(isLater, outcome, `${says} was not verified after its effect`);
    demand(verified.data.ok, outcome, `${says} failed its verification`);
    const isPredicted = verified.data.afterDigest === effect.prepared.predictedDigest;
    demand(isPredicted, outcome, `${says} was read back other than predicted`);
  }
}

function demandRejected(story: Story, outcome: Place): void {
  const isUntouched = story.claimed.length + story.compensating.length === 0;
  demand(isUntouched, outcome, 'says rejected, and yet an effect was claimed');
}

function demandCompensated(story: Story, effects: readonly Effect[], outcome: Place): void {
  const lastCompensated = lastByStep(story.compensated);
  for (const { claim, acknowledged } of effects) {
    // `not-applied` may rest on a read that lagged behind; only a refusal is without effect for sure.
    if (acknowledged?.data.answer === 'refused') continue;
    const says = `says compensated, and yet step ${claim.stepIndex}`;
    const compensated = lastCompensated.get(claim.stepIndex);
    const isLater = compensated !== undefined && compensated.seq > claim.seq;
    demand(isLater, outcome, `${says} was not compensated after its claim`);
    const isRestored = compensated.data.afterDigest === claim.data.beforeDigest;
    demand(isRestored, outcome, `${says} was read back other than before`);
  }
}

function stepCount(story: Story): number {
  return story.proposed[0]?.data.plan.steps.length ?? 0;
}

function lastByStep<Entry extends Told<'verified'> | Told<'compensated'>>(
  entries: readonly Entry[],
): ReadonlyMap<number, Entry> {
  return new Map(entries.map((entry) => [entry.stepIndex, entry]));
}
