import type { Proposal } from '../../agents/iam-auditor/propose.ts';
import { counted, cut, type Layout } from './layout.ts';
import { planList } from './plan-list.ts';
import type { Rehearsal } from './rehearsal.ts';

/** Each plan with its diff, its proof and what policy says to every step. */
export function rehearsalText(
  plans: readonly Proposal[],
  rehearsals: ReadonlyMap<string, Rehearsal>,
  layout: Layout,
): string {
  const texts = plans.map((plan) =>
    [
      planList([plan], layout),
      ...proofLines(plan, layout),
      ...answerLines(rehearsals.get(plan.id), layout),
    ].join('\n'),
  );
  const allowed = [...rehearsals.values()].filter((each) => each.outcome === 'would-run').length;
  const end = `  ${allowed} of ${counted(plans.length, 'plan')} would run; nothing was changed`;
  return [...texts, end].join('\n\n');
}

function proofLines({ proof }: Proposal, { colors, columns }: Layout): readonly string[] {
  return [...new Set(proof)].map((each) => colors.dim(cut(`    ✓ proved: ${each}`, columns)));
}

function answerLines(rehearsal: Rehearsal | undefined, layout: Layout): readonly string[] {
  if (rehearsal === undefined) return [];
  const { colors, columns } = layout;
  const lines = rehearsal.steps.map((step) => {
    const ids = step.policies.map((each) => each.id).join(', ');
    const people = counted(step.facts.affectedPrincipals, 'principal');
    const text = `    ${step.answer} ${step.action}: ${ids}; changes ${people}`;
    return step.answer === 'allow' ? cut(text, columns) : colors.red(cut(text, columns));
  });
  const { outcome, reason } = rehearsal;
  if (outcome === 'would-run') return lines;
  const why = reason === undefined ? '' : `: ${reason.message}`;
  return [...lines, colors.red(cut(`    ${outcome.replaceAll('-', ' ')}${why}`, columns))];
}
