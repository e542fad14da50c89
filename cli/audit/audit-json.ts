import { z } from 'zod';
import type { PlanResult } from '../../agents/iam-auditor/agent.ts';
import { Finding } from '../../agents/iam-auditor/finding.ts';
import type { Proposal } from '../../agents/iam-auditor/propose.ts';
import type { AuditReport } from '../../agents/iam-auditor/report.ts';
import { Plan } from '../../core/plan.ts';
import { TransactionSummary } from '../json-shapes.ts';
import { summaryOf } from '../view/summary.ts';
import { Rehearsal } from './rehearsal.ts';

const AuditedPlan = z.strictObject({
  id: z.string(),
  principalArn: z.string(),
  findingIds: z.array(z.string()),
  plan: Plan,
  /** One text a step, in order. */
  proof: z.array(z.string()),
  /** Lines for people: `- ` goes, `+ ` comes. */
  diff: z.array(z.string()),
  /** With --propose: what the control plane would say. */
  rehearsal: Rehearsal.exactOptional(),
});

const AuditTransaction = z.union([
  z.strictObject({ proposalId: z.string(), ...TransactionSummary.shape }),
  // The control plane took no transaction on, or the audit was interrupted before.
  z.strictObject({
    proposalId: z.string(),
    status: z.enum(['refused', 'not-proposed']),
    reason: z.strictObject({ code: z.string(), message: z.string() }).exactOptional(),
  }),
]);

/** What `audit --json` prints. */
export const AuditJson = z.strictObject({
  account: z.strictObject({
    id: z.string(),
    partition: z.string(),
    principals: z.int(),
    foreign: z.array(z.string()),
    excluded: z.array(z.string()),
    /** With --apply: the findings of the account as it is then. */
    remainingFindingIds: z.array(z.string()).exactOptional(),
  }),
  dataVersion: z.string(),
  /** As found, before anything was applied. */
  findings: z.array(Finding),
  plans: z.array(AuditedPlan),
  transactions: z.array(AuditTransaction),
});
export type AuditJson = z.infer<typeof AuditJson>;

/** What besides the report there is to say. */
export interface AuditExtras {
  readonly rehearsals?: ReadonlyMap<string, Rehearsal>;
  readonly results?: readonly PlanResult[];
  /** The report of the account after the plans were applied. */
  readonly after?: AuditReport;
}

/** The JSON of an audit. */
export function auditJson(report: AuditReport, extras: AuditExtras = {}): AuditJson {
  const { account, dataVersion, findings, plans } = report;
  const { rehearsals, results = [], after } = extras;
  const remaining =
    after === undefined ? {} : { remainingFindingIds: after.findings.map((each) => each.id) };
  return {
    account: {
      ...account,
      foreign: [...account.foreign],
      excluded: [...account.excluded],
      ...remaining,
    },
    dataVersion,
    findings: [...findings],
    plans: plans.map((each) => planJson(each, rehearsals?.get(each.id))),
    transactions: results.map(transactionJson),
  };
}

function planJson(
  proposal: Proposal,
  rehearsal: Rehearsal | undefined,
): AuditJson['plans'][number] {
  const { id, principalArn, findingIds, plan, proof, diff } = proposal;
  const lists = { findingIds: [...findingIds], proof: [...proof], diff: [...diff] };
  return { id, principalArn, plan, ...lists, ...(rehearsal === undefined ? {} : { rehearsal }) };
}

function transactionJson(result: PlanResult): AuditJson['transactions'][number] {
  const { proposalId, status } = result;
  if (status === 'not-proposed') return { proposalId, status };
  if (status !== 'refused') return { proposalId, ...summaryOf(result.transaction) };
  const { code, message } = result.error;
  return { proposalId, status, reason: { code, message } };
}
