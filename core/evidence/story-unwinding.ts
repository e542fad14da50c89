import type { Json } from '../json.ts';
import { strictText } from './canonical.ts';
import type { Story, Told } from './story.ts';
import type { Place } from './story-rules.ts';
import { demand } from './story-rules.ts';

/**
 * Requires that nothing is compensated before the forward run has ended, that nothing goes forward
 * after it, and that the outcome gives the reason why it ended. Throws `EvidenceError`
 * (`evidence-inconsistent`).
 */
export function demandUnwinding(story: Story): void {
  const ended = story.unwinding.find(({ data }) => data.reason !== undefined);
  for (const entry of [...story.unwinding, ...story.compensating, ...story.compensated]) {
    const isAfter = ended !== undefined && entry.seq >= ended.seq;
    demand(isAfter, entry, 'unwinds before the forward run has ended');
  }
  if (ended === undefined) return;
  const reasons = story.unwinding.filter(({ data }) => data.reason !== undefined);
  demand(reasons.length === 1, reasons[1] ?? ended, 'ends the forward run a second time');
  for (const entry of forward(story))
    demand(entry.seq < ended.seq, entry, 'goes forward after the forward run has ended');
  const [outcome] = story.outcome;
  if (outcome !== undefined) demandSameReason(ended, outcome);
}

function forward(story: Story): readonly Place[] {
  return [
    ...[story.preflighted, story.claimed, story.verified],
    story.decided.filter(({ data }) => data.answer === 'allow'),
  ].flat();
}

function demandSameReason(ended: Told<'unwinding'>, outcome: Told<'outcome'>): void {
  const { status, reason } = outcome.data;
  demand(status !== 'committed', outcome, 'says committed, and yet the forward run had ended');
  // What is stuck has met one more reason on the way back.
  if (status === 'stuck') return;
  const isSame = textOf(reason) === textOf(ended.data.reason);
  demand(isSame, outcome, 'gives another reason than the forward run ended for');
}

function textOf(reason: Json | undefined): string {
  return reason === undefined ? '' : strictText(reason);
}
