import type { z } from 'zod';
import { DeniedError, EffectFailedError, InvalidInputError } from '../../../core/errors.ts';
import { isFinal, type Status } from '../../../core/transaction.ts';
import { openTransactionOf } from '../open-transaction.ts';
import { DryRuns, type Line, Plans, Progress, required } from './documents.ts';
import type { AuditPorts, AuditStep } from './ports.ts';
import { DRY_RUNS_PAGE, dryRunsAt } from './propose.ts';

/** Transactions of one audit that are open at once. */
const OPEN_MAX = 4;
/** A person, or a policy, has the next word. */
const ASIDE: ReadonlySet<string> = new Set(['awaiting-approval']);
/** What had an effect and does not stand. */
const FAILED: ReadonlySet<string> = new Set(['compensated', 'stuck']);

/**
 * Has the permitted plans run, a few at once, and looks how far they are; called again until all
 * have ended. Throws `EffectFailedError` (`plan-not-committed`) as soon as one was unwound.
 */
export const apply: AuditStep = async (ports, state) => {
  const { auditId } = state;
  const candidates = await permitted(ports, auditId);
  const progress = await advanced(ports, await progressOf(ports, auditId));
  const failed = progress.ended.find(({ status }) => FAILED.has(status));
  if (failed === undefined) await proposeNext(ports, progress, candidates);
  await ports.documents.save(auditId, 'progress', progress);
  if (failed !== undefined)
    throw new EffectFailedError('plan-not-committed', `\`${failed.transactionId}\` was unwound`);
  const isOver = progress.open.length === 0 && progress.next >= candidates.length;
  return { ...state, next: isOver ? 'done' : 'wait' };
};

/** How far the audit's transactions are, as was last written. */
export async function progressOf(
  { documents }: Pick<AuditPorts, 'documents'>,
  auditId: string,
): Promise<Progress> {
  const found = await documents.load(auditId, 'progress');
  return found === undefined
    ? { next: 0, open: [], ended: [], refused: [] }
    : Progress.parse(found);
}

/** The progress after a look at every transaction that was open. */
export async function advanced(
  { api }: Pick<AuditPorts, 'api'>,
  progress: Progress,
): Promise<Progress> {
  const lines = await Promise.all(
    progress.open.map(async (line): Promise<Line & { readonly isOpen: boolean }> => {
      const { status, sealed } = (await api.readTransaction(line.transactionId)).transaction;
      const isOver = isFinal(status) ? sealed : ASIDE.has(status);
      return { ...line, status, isOpen: !isOver };
    }),
  );
  const plain = ({ isOpen: _, ...line }: (typeof lines)[number]): Line => line;
  return {
    ...progress,
    open: lines.filter(({ isOpen }) => isOpen).map(plain),
    ended: [...progress.ended, ...lines.filter(({ isOpen }) => !isOpen).map(plain)],
  };
}

type Candidate = z.infer<typeof Plans>['plans'][number];

/** The plans that policy does not refuse already. */
async function permitted(ports: AuditPorts, auditId: string): Promise<readonly Candidate[]> {
  const { plans } = await required(ports.documents, { auditId, name: 'report' }, Plans);
  const answers = new Map<string, string>();
  for (let index = 0; index < plans.length; index += DRY_RUNS_PAGE) {
    const page = { auditId, name: dryRunsAt(index) };
    const { dryRuns } = await required(ports.documents, page, DryRuns);
    for (const { proposalId, answer } of dryRuns) answers.set(proposalId, answer);
  }
  return plans.filter(({ id }) => ['allow', 'awaiting-approval'].includes(answers.get(id) ?? ''));
}

async function proposeNext(
  { api }: AuditPorts,
  progress: Progress,
  candidates: readonly Candidate[],
): Promise<void> {
  while (progress.open.length < OPEN_MAX && progress.next < candidates.length) {
    const { id: proposalId, plan } = candidates[progress.next] as Candidate;
    progress.next += 1;
    try {
      const transaction = await openTransactionOf((key) => api.propose(plan, key), plan);
      const status: Status = transaction.status;
      progress.open.push({ proposalId, transactionId: transaction.id, status });
    } catch (error) {
      if (!(error instanceof DeniedError || error instanceof InvalidInputError)) throw error;
      progress.refused.push({ proposalId, code: error.code });
    }
  }
}
