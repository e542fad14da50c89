import { InterlockError, InvariantError, StaleStateError } from '../../core/errors.ts';
import type { Proposal as PlanProposal, Proposed } from '../../core/tasks/propose.ts';
import type { Status, Transaction } from '../../core/transaction.ts';
import { openTransactionOf } from './open-transaction.ts';
import { AGENT, type Proposal } from './propose.ts';

/** Who the auditor is to the control plane. */
export const AUDITOR = `agent:${AGENT}`;

/** All that the auditor, an agent like any other, may ask of the control plane. */
export interface ControlPlaneOfAgent {
  /** Accepts a plan durably; starts nothing. Same key, same plan: the same transaction. */
  propose(proposal: PlanProposal): Promise<Proposed>;
  /** Runs a transaction until it ends, parks, or the signal aborts. */
  run(transaction: Transaction, signal?: AbortSignal): Promise<unknown>;
  /** The row of a transaction. */
  load(transactionId: string): Promise<Transaction | undefined>;
}

/** What became of one plan. */
export type PlanResult =
  | { readonly proposalId: string; readonly status: Status; readonly transaction: Transaction }
  /** The control plane did not accept it: kill switch, policy, or an invalid plan. */
  | { readonly proposalId: string; readonly status: 'refused'; readonly error: InterlockError }
  /** The signal aborted first. */
  | { readonly proposalId: string; readonly status: 'not-proposed' };

export interface ApplyOptions {
  /** Principals that are worked on at once; at least 1. */
  readonly concurrency: number;
  readonly signal?: AbortSignal;
  /** Called after each plan, in the order in which they end. */
  readonly onProgress?: (result: PlanResult) => void;
}

/**
 * Proposes and runs every plan; the results stand in the order of the proposals. Plans of one principal
 * lock the same entity and run one after the other. Each plan is all or nothing by itself: one that is
 * rejected, compensated or refused does not stop the others. Throws what the control plane throws
 * besides refusals.
 */
export async function applyPlans(
  controlPlane: ControlPlaneOfAgent,
  proposals: readonly Proposal[],
  options: ApplyOptions,
): Promise<readonly PlanResult[]> {
  const results = new Map<string, PlanResult>();
  const lines = [...Map.groupBy(proposals, (each) => each.principalArn).values()];
  const waiting = lines.values();
  const work = async (): Promise<void> => {
    for (const line of waiting)
      for (const proposal of line) {
        const result = await applyPlan(controlPlane, proposal, options.signal);
        results.set(proposal.id, result);
        options.onProgress?.(result);
      }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.concurrency) }, work));
  return proposals.flatMap(({ id }) => results.get(id) ?? []);
}

async function applyPlan(
  controlPlane: ControlPlaneOfAgent,
  proposal: Proposal,
  signal: AbortSignal | undefined,
): Promise<PlanResult> {
  const proposalId = proposal.id;
  if (signal?.aborted === true) return { proposalId, status: 'not-proposed' };
  let transaction: Transaction;
  try {
    const { plan } = proposal;
    transaction = await openTransactionOf(
      (idempotencyKey) => controlPlane.propose({ plan, idempotencyKey, actor: AUDITOR }),
      plan,
    );
  } catch (error) {
    if (!(error instanceof InterlockError) || error instanceof InvariantError) throw error;
    return { proposalId, status: 'refused', error };
  }
  const ended = await runToEnd(controlPlane, transaction, signal);
  return { proposalId, status: ended.status, transaction: ended };
}

async function runToEnd(
  controlPlane: ControlPlaneOfAgent,
  transaction: Transaction,
  signal: AbortSignal | undefined,
): Promise<Transaction> {
  try {
    await controlPlane.run(transaction, signal);
  } catch (error) {
    // Another process has taken it over and brings it to its end.
    if (!(error instanceof StaleStateError)) throw error;
  }
  const now = await controlPlane.load(transaction.id);
  if (now === undefined) throw new InvariantError(`\`${transaction.id}\` has gone`);
  return now;
}
