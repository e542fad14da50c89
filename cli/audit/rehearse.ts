import type { ControlPlane } from '../../adapters/embedded/control-plane.ts';
import { AUDITOR } from '../../agents/iam-auditor/agent.ts';
import type { Proposal } from '../../agents/iam-auditor/propose.ts';
import { InterlockError, InvariantError } from '../../core/errors.ts';
import { type DryRun, dryRun } from '../../core/tasks/dry-run.ts';
import { openScratch } from '../scratch.ts';
import { Rehearsal } from './rehearsal.ts';

/**
 * What the control plane would say to each plan, by proposal id: every plan is dry-run on a copy of the
 * account in memory. Nothing is written anywhere.
 */
export async function rehearse(
  gaad: unknown,
  proposals: readonly Proposal[],
): Promise<ReadonlyMap<string, Rehearsal>> {
  const scratch = openScratch({ account: { gaad } });
  try {
    const rehearsals = new Map<string, Rehearsal>();
    for (const proposal of proposals)
      rehearsals.set(proposal.id, await rehearseOne(scratch, proposal));
    return rehearsals;
  } finally {
    scratch.close();
  }
}

async function rehearseOne({ ports }: ControlPlane, { plan }: Proposal): Promise<Rehearsal> {
  try {
    return rehearsalOf(await dryRun(ports, { plan, actor: AUDITOR }));
  } catch (error) {
    if (!(error instanceof InterlockError) || error instanceof InvariantError) throw error;
    const { code, message } = error;
    return { outcome: 'would-be-rejected', reason: { code, message }, steps: [] };
  }
}

const OUTCOMES: Readonly<Record<DryRun['answer'], Rehearsal['outcome']>> = {
  allow: 'would-run',
  'awaiting-approval': 'would-wait-for-approval',
  deny: 'would-be-rejected',
  refused: 'would-be-rejected',
};

function rehearsalOf({ answer, reason, steps }: DryRun): Rehearsal {
  const { code, detail = code, message = detail, stepIndex } = reason ?? {};
  const at = stepIndex === undefined ? {} : { stepIndex };
  return Rehearsal.parse({
    outcome: OUTCOMES[answer],
    ...(reason === undefined ? {} : { reason: { code: detail, message, ...at } }),
    steps: steps.map((step) => ({
      action: step.action,
      answer: step.answer.answer,
      policies: step.answer.reasons,
      facts: step.prepared.facts,
      changes: step.prepared.beforeDigest !== step.prepared.predictedDigest,
    })),
  });
}
