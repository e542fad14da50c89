import type { StepShape, TransactionDetail } from '../json-shapes.ts';
import type { Colors } from '../output.ts';
import { progressLine } from '../progress.ts';
import { diffLines } from './diff.ts';
import { oneLine, outcomeText } from './summary.ts';

/** A transaction for a person. */
export function detailText(detail: TransactionDetail, colors: Colors): string {
  const { transaction, steps, records, seal } = detail;
  const { id, agent, target, purpose, createdAt, actor, idempotencyKey } = transaction;
  return [
    `${colors.bold(id)}  ${outcomeText(transaction, colors)}`,
    `  purpose  ${oneLine(purpose)}`,
    `  agent    ${agent} (proposed by ${actor}, key ${oneLine(idempotencyKey)})`,
    `  target   ${target.partition} ${target.accountId}`,
    `  created  ${createdAt}`,
    ...(transaction.undoOf === undefined ? [] : [`  undo of  ${transaction.undoOf}`]),
    ...(transaction.cancelled === undefined
      ? []
      : [`  cancelled by ${transaction.cancelled.by}, ${transaction.cancelled.at}`]),
    ...approvalLines(transaction),
    ...resolutionLines(transaction),
    '',
    ...steps.flatMap((step) => stepLines(step, colors)),
    '',
    colors.bold('records'),
    ...records.map((record) => `  ${record.seq}  ${record.at}  ${recordText(record)}`),
    seal === undefined
      ? 'not sealed'
      : `sealed: ${seal.treeSize} records, root ${seal.root}, key ${seal.keyId}`,
  ].join('\n');
}

function approvalLines({ approval }: TransactionDetail['transaction']): readonly string[] {
  if (approval === undefined) return [];
  const { given, needed, dryRunDigest } = approval;
  return [
    `  approvals ${given.length} of ${needed}, of the dry run ${dryRunDigest}`,
    ...given.map(({ by, at, expiresAt }) => `    ${by}, ${at}, until ${expiresAt}`),
  ];
}

function resolutionLines({ resolution }: TransactionDetail['transaction']): readonly string[] {
  if (resolution === undefined) return [];
  const { as, by, at, reason } = resolution;
  return [`  resolved as ${as} by ${by}, ${at}: ${oneLine(reason)}`];
}

function stepLines(step: StepShape, colors: Colors): readonly string[] {
  const { index, id, action, state, resource, before, after } = step;
  const head = `${colors.bold(`step ${index + 1}`)} (${id})  ${action}  ${state}`;
  const diff = before === undefined ? [] : diffLines(before, after, colors);
  return [
    head,
    ...(resource === undefined ? [] : [`  ${resource}`]),
    ...diff.map((line) => `    ${line}`),
  ];
}

function recordText(record: TransactionDetail['records'][number]): string {
  const data = record.data as Parameters<typeof progressLine>[0]['data'];
  const { kind, stepIndex } = record;
  const line = progressLine({ kind, data, ...(stepIndex === undefined ? {} : { stepIndex }) });
  if (line !== undefined) return line.trim();
  return stepIndex === undefined ? kind : `step ${stepIndex + 1}: ${kind}`;
}
