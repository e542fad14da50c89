import type { z } from 'zod';
import { EffectFailedError } from '../../../core/errors.ts';
import { isFinal } from '../../../core/transaction.ts';
import { openTransactionOf } from '../open-transaction.ts';
import { DryRuns, type Line, Plans, Progress, required } from './documents.ts';
import type { AuditPorts, AuditStep } from './ports.ts';
import { DRY_RUNS_PAGE, dryRunsAt } from './propose.ts';
import { isRefusal } from './refusal.ts';

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
  const noted = await required(ports.documents, { auditId, name: 'progress' }, Progress);
  const progress = await advanced(ports, noted);
  await ports.documents.save(auditId, 'progress', progress);
  // Of one that was unwound and is not sealed yet it is known, too.
  const known = [...progress.ended, ...progress.open];
  const failed = known.find(({ status }) => FAILED.has(status));
  if (failed !== undefined)
    throw new EffectFailedError('plan-not-committed', `\`${failed.transactionId}\` was unwound`);
  for (const candidate of candidates.slice(progress.next)) {
    if (progress.open.length >= OPEN_MAX) break;
    await proposeOne(ports, progress, candidate);
    // After each: whoever comes after a crash knows all but the last.
    await ports.documents.save(auditId, 'progress', progress);
  }
  const isOver = progress.open.length === 0 && progress.next >= candidates.length;
  return { ...state, next: isOver ? 'done' : 'wait' };
};

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

/** Proposes one plan, or finds it again where this audit has proposed it and could not note it. */
async function proposeOne(
  { api }: AuditPorts,
  progress: Progress,
  { id: proposalId, plan }: Candidate,
): Promise<void> {
  progress.next += 1;
  try {
    const { id: transactionId, status } = await openTransactionOf(
      (key) => api.propose(plan, key),
      plan,
      ({ createdAt }) => Date.parse(createdAt) >= progress.startedAt,
    );
    progress.open.push({ proposalId, transactionId, status });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    progress.refused.push({ proposalId, code: error.code });
  }
}
