import { EvidenceError } from '../errors.ts';
import type { Check } from './check.ts';
import { failed, passed, unknown } from './check.ts';
import type { Hasher } from './merkle.ts';
import type { EvidenceRecord } from './record.ts';
import { TRANSACTION_PREFIX } from './record.ts';
import type { Seal } from './seal.ts';
import type { Story } from './story.ts';
import { readStory } from './story.ts';
import { demandApprovals } from './story-approvals.ts';
import type { Effect } from './story-effects.ts';
import { readEffects } from './story-effects.ts';
import { demandEnd } from './story-end.ts';
import { demand, demandDigest } from './story-rules.ts';
import { demandUnwinding } from './story-unwinding.ts';

/** Whether the records tell one consistent story that ends as the seals say. Asks nothing of the
 * target system: that what was read back was so is the word of whoever sealed it. */
export function verifyOutcome(
  hasher: Hasher,
  streamId: string,
  records: readonly EvidenceRecord[],
  seals: readonly Seal[],
): Check {
  if (!streamId.startsWith(TRANSACTION_PREFIX)) return passed('no outcome is claimed');
  try {
    const story = readStory(records);
    demandConsistent(hasher, streamId.slice(TRANSACTION_PREFIX.length), records, story);
    return sealedOutcome(story, seals);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return failed(error.message);
  }
}

function demandConsistent(
  hasher: Hasher,
  transactionId: string,
  records: readonly EvidenceRecord[],
  story: Story,
): void {
  const [proposed] = story.proposed;
  const start = records[0] ?? { seq: 0 };
  demand(proposed !== undefined && proposed.seq === 0, start, 'does not begin with `proposed`');
  demand(story.proposed.length === 1, story.proposed[1] ?? start, 'proposes a second time');
  const { plan, planDigest } = proposed.data;
  demandDigest(hasher, proposed, 'plan', { value: plan as never, digest: planDigest });
  demandSteps(records, story, plan.steps.length);
  demandStates(hasher, story);
  const effects = readEffects(story, transactionId, planDigest);
  demandApprovals(hasher, story);
  demandCompensations(story, effects);
  demandLast(records, story);
  demandEnd(story, effects);
  demandUnwinding(story);
}

function demandSteps(records: readonly EvidenceRecord[], story: Story, stepCount: number): void {
  const prepared = story.preflighted.flatMap(({ seq, data }) =>
    data.steps.map(({ stepIndex }) => ({ seq, stepIndex })),
  );
  for (const entry of [...records, ...prepared]) {
    demand((entry.stepIndex ?? 0) < stepCount, entry, 'names a step that the plan has not');
  }
}

function demandStates(hasher: Hasher, story: Story): void {
  for (const entry of story.preflighted) {
    for (const { before, beforeDigest, predicted, predictedDigest } of entry.data.steps) {
      demandDigest(hasher, entry, 'before', { value: before, digest: beforeDigest });
      demandDigest(hasher, entry, 'predicted', { value: predicted, digest: predictedDigest });
    }
  }
  for (const entry of [...story.verified, ...story.compensated]) {
    const { after, afterDigest } = entry.data;
    demandDigest(hasher, entry, 'after', { value: after, digest: afterDigest });
  }
}

function demandCompensations(story: Story, effects: readonly Effect[]): void {
  const claims = new Map(effects.map(({ claim }) => [claim.data.decisionId, claim]));
  for (const entry of story.compensating) {
    const claim = claims.get(entry.data.decisionId);
    const isClaimed = claim !== undefined && claim.seq < entry.seq;
    demand(isClaimed, entry, 'compensates without a consumed decision before it');
    demand(
      claim.stepIndex === entry.stepIndex,
      entry,
      'compensates by the decision of another step',
    );
    const isBefore = claim.data.beforeDigest === entry.data.beforeDigest;
    demand(isBefore, entry, 'compensates to another state than was claimed on');
  }
  const attempts = new Map(story.compensating.map((entry) => [entry.data.attemptId, entry]));
  for (const entry of story.compensated) {
    if (entry.data.attemptId === undefined) continue;
    const attempt = attempts.get(entry.data.attemptId);
    const isClaimed = attempt?.stepIndex === entry.stepIndex && attempt.seq < entry.seq;
    demand(isClaimed, entry, 'names no compensation of its step before it');
  }
}

function demandLast(records: readonly EvidenceRecord[], story: Story): void {
  const [outcome] = story.outcome;
  for (const record of records) {
    const isAfter = outcome !== undefined && record.seq > outcome.seq;
    if (record.kind === 'resolved') {
      const isStuck = isAfter && outcome.data.status === 'stuck';
      demand(isStuck, record, 'resolves what is not stuck');
    } else {
      demand(!isAfter, record, 'stands after the outcome');
    }
  }
}

function sealedOutcome(story: Story, seals: readonly Seal[]): Check {
  const [outcome] = story.outcome;
  const last = seals.at(-1);
  if (outcome === undefined) {
    return last?.final === true
      ? failed(`the seal says \`${last.status}\`, and no record tells the outcome`)
      : unknown('open: no outcome is recorded yet');
  }
  const { status } = outcome.data;
  for (const seal of seals) {
    const isCovered = seal.treeSize > outcome.seq;
    if (isCovered !== seal.final) {
      return failed(`a seal says \`${seal.status}\` ${isCovered ? 'after' : 'before'} the outcome`);
    }
    if (isCovered && seal.status !== status) {
      return failed(`the seal says \`${seal.status}\`, the records \`${status}\``);
    }
  }
  if (last?.final !== true) return unknown(`open: no seal states the outcome \`${status}\` yet`);
  const resolved = story.resolved.at(-1)?.data;
  if (resolved !== undefined) return passed(`stuck: ${resolved.by} resolved it as ${resolved.as}`);
  return passed(status === 'stuck' ? 'stuck: a person decides' : `the records show \`${status}\``);
}
