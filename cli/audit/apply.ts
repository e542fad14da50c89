import { AUDITOR, applyPlans, type PlanResult } from '../../agents/iam-auditor/agent.ts';
import type { AuditReport } from '../../agents/iam-auditor/report.ts';
import { auditAccount } from '../../agents/iam-auditor/report.ts';
import { InterlockError } from '../../core/errors.ts';
import { propose } from '../../core/tasks/propose.ts';
import { isFinal } from '../../core/transaction.ts';
import type { LocalControlPlane } from '../open.ts';

/** Principals that are worked on at once: as many as share the store's group commits well. */
export const CONCURRENCY = 16;
/** Transactions of one page. */
const PAGE = 200;

/** An audit before and after its plans were run. */
export interface AppliedAudit {
  readonly before: AuditReport;
  readonly results: readonly PlanResult[];
  readonly after: AuditReport;
}

export interface ApplyWatch {
  readonly signal?: AbortSignal;
  readonly onProgress?: (result: PlanResult) => void;
}

/** Audits the data folder's account, runs every plan, audits again. */
export async function auditAndApply(
  controlPlane: LocalControlPlane,
  watch: ApplyWatch = {},
): Promise<AppliedAudit> {
  const { ports, account } = controlPlane;
  const before = auditAccount(account.toGaad());
  const results = await applyPlans(
    {
      propose: (proposal) => propose(ports, proposal),
      run: (transaction, signal) => controlPlane.run(transaction, signal),
      load: (id) => ports.store.load(id),
    },
    before.plans,
    { concurrency: CONCURRENCY, ...watch },
  );
  return { before, results, after: auditAccount(account.toGaad()) };
}

/**
 * Brings every lost transaction to its end, oldest first, so that the account is whole. Throws
 * `InterlockError` (`transactions-open`) where one is still open or stuck then.
 */
export async function settleTransactions(
  { ports, lost, run }: LocalControlPlane,
  signal?: AbortSignal,
): Promise<number> {
  const found = await lost();
  for (const transaction of found) {
    if (signal?.aborted === true) break;
    await run(transaction, signal);
  }
  const { transactions } = await ports.store.list({ isOpen: true, limit: PAGE });
  const open = transactions.find((each) => !isFinal(each.status));
  const stuck = (await ports.store.list({ status: 'stuck', limit: PAGE })).transactions;
  const unresolved = stuck.find((each) => each.resolution === undefined);
  const holder = open ?? unresolved;
  if (holder !== undefined)
    throw new InterlockError(
      open === undefined ? 'transaction-stuck' : 'transactions-open',
      `transaction \`${holder.id}\` of ${AUDITOR} is \`${holder.status}\`: the account is not settled`,
      { hint: `see \`interlock tx show ${holder.id}\`` },
    );
  return found.length;
}
