import type { z } from 'zod';
import type { Proposal } from '../propose.ts';
import { type DryRuns, Plans, required } from './documents.ts';
import type { AuditPorts, AuditStep } from './ports.ts';
import { isRefusal } from './refusal.ts';

/** Plans of one page: a dry run reads every entity of a plan. */
const PAGE = 10;

/** The name of the document of a page of dry runs. */
export const dryRunsAt = (index: number): string => `dry-runs-${index}`;

/** Asks what would become of a page of plans; nothing is started. */
export const propose: AuditStep = async (ports, state) => {
  const { auditId, index } = state;
  const { plans } = await required(ports.documents, { auditId, name: 'report' }, Plans);
  const page = plans.slice(index, index + PAGE);
  const dryRuns: DryRun[] = [];
  // One after the other: few run at once, and other agents ask, too.
  for (const one of page) dryRuns.push(await dryRunOf(ports, one));
  await ports.documents.save(auditId, dryRunsAt(index), { dryRuns });
  const isLast = index + PAGE >= plans.length;
  return isLast
    ? { ...state, index: 0, next: 'apply' }
    : { ...state, index: index + PAGE, next: 'propose' };
};

type DryRun = z.infer<typeof DryRuns>['dryRuns'][number];

async function dryRunOf(
  { api }: AuditPorts,
  { id, plan }: Pick<Proposal, 'id' | 'plan'>,
): Promise<DryRun> {
  try {
    const { answer, reason } = await api.dryRun(plan);
    return { proposalId: id, answer, ...(reason === undefined ? {} : { code: reason.detail }) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { proposalId: id, answer: 'refused', code: error.code };
  }
}

/** Every page's dry runs begin at a multiple of it. */
export const DRY_RUNS_PAGE: number = PAGE;
