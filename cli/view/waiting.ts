import type { DryRun, TransactionDetail } from '../json-shapes.ts';
import type { Colors } from '../output.ts';
import { dryRunStepsText } from './dry-run.ts';
import { oneLine } from './summary.ts';

/** What there is to approve: who asks for what, each step of the dry run, and which policies wait. */
export function waitingText(
  transaction: TransactionDetail['transaction'],
  steps: DryRun['steps'],
  colors: Colors,
): string {
  const { id, actor, agent, purpose, target, deadlineMs, undoOf, approval } = transaction;
  const until = Date.parse(transaction.createdAt) + deadlineMs;
  return [
    `${colors.bold(id)}  ${approvalsText(transaction) ?? 'waits for nothing'}`,
    `  purpose  ${oneLine(purpose)}`,
    `  agent    ${agent} (proposed by ${actor})`,
    `  target   ${target.partition} ${target.accountId}`,
    ...(undoOf === undefined ? [] : [`  undo of  ${undoOf}`]),
    `  until    ${new Date(until).toISOString()}`,
    ...(approval === undefined ? [] : [`  dry run  ${approval.dryRunDigest}`]),
    '',
    dryRunStepsText(steps, colors),
    '',
  ].join('\n');
}

/** How far the approvals are, or undefined where none is waited for. */
export function approvalsText({
  status,
  approval,
}: Pick<TransactionDetail['transaction'], 'status' | 'approval'>): string | undefined {
  if (status !== 'awaiting-approval' || approval === undefined) return undefined;
  const { given, needed } = approval;
  const by = given.map((one) => one.by).join(', ');
  const count = `${given.length} of ${needed} approval${needed === 1 ? '' : 's'}`;
  return `waits: ${count}${by === '' ? '' : ` (${by})`}`;
}
