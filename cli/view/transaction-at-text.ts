import type { TransactionAt } from '../json-shapes.ts';
import type { Colors } from '../output.ts';
import { stateChange } from './state-change.ts';
import { oneLine, outcomeText } from './summary.ts';

type StepAt = TransactionAt['steps'][number];

/** What was known at a record, for a person. */
export function transactionAtText(at: TransactionAt, colors: Colors): string {
  const { record, records, transaction, steps } = at;
  const { id, agent, actor, target, purpose, createdAt, epoch, cursor } = transaction;
  const place = record.stepIndex === undefined ? '' : ` of step ${record.stepIndex + 1}`;
  return [
    `${colors.bold(id)}  ${outcomeText(transaction, colors)}`,
    `  record   ${record.seq} of 0 to ${records - 1}: ${record.kind}${place}, ${record.at}`,
    `  purpose  ${oneLine(purpose)}`,
    `  agent    ${agent} (proposed by ${actor})`,
    `  target   ${target.partition} ${target.accountId}`,
    `  created  ${createdAt}`,
    `  next     ${cursor.phase} of step ${cursor.stepIndex + 1}, attempt ${cursor.attempt}, epoch ${epoch}`,
    ...(transaction.undoOf === undefined ? [] : [`  undo of  ${transaction.undoOf}`]),
    ...standingLines(transaction),
    '',
    ...steps.flatMap((step) => stepLines(step, colors)),
  ].join('\n');
}

function standingLines({ approval, resolution }: TransactionAt['transaction']): readonly string[] {
  return [
    ...(approval === undefined
      ? []
      : [
          `  approvals ${approval.given.length} of ${approval.needed}, of the dry run ${approval.dryRunDigest}`,
          ...approval.given.map((one) => `    ${one.by}, ${one.at}, until ${one.expiresAt}`),
        ]),
    ...(resolution === undefined
      ? []
      : [`  resolved as ${resolution.as} by ${resolution.by}: ${oneLine(resolution.reason)}`]),
  ];
}

function stepLines(step: StepAt, colors: Colors): readonly string[] {
  const { index, id, action, state, footprint, target } = step;
  const where = footprint ?? target?.arn;
  return [
    `${colors.bold(`step ${index + 1}`)} (${id})  ${action}  ${state}`,
    ...(where === undefined ? [] : [`  ${where}`]),
    ...(step.decision === undefined ? [] : [`  ${decisionText(step.decision)}`]),
    ...step.claims.map((one) => `  ${claimText(one)}`),
    ...readBackLines(step),
    ...changeLines(step, colors),
  ];
}

function decisionText({ of, seq, answer, code, reasons }: NonNullable<StepAt['decision']>): string {
  const by = reasons.map((one) => `\`${one.id}\``).join(', ');
  const why = [code, by].filter((one) => one !== undefined && one !== '').join(' by ');
  return `decided for ${of}: ${answer}${why === '' ? '' : ` (${why})`}, record ${seq}`;
}

function claimText({ kind, attempt, answer, vended }: StepAt['claims'][number]): string {
  return `${kind} ${attempt}: ${answer ?? (vended ? 'under way, no answer yet' : 'claimed')}`;
}

function readBackLines({ verified, compensated }: StepAt): readonly string[] {
  return [
    ...(verified === undefined
      ? []
      : [
          `  read back ${verified.ok ? 'as predicted' : 'and not let pass'}, record ${verified.seq}`,
        ]),
    ...(compensated === undefined ? [] : [`  read back as before, record ${compensated.seq}`]),
  ];
}

/** What the step does, as far as it was known: what was read, or else what was predicted. */
function changeLines(
  { before, predicted, verified, compensated }: StepAt,
  colors: Colors,
): readonly string[] {
  if (before === undefined) return [];
  const reached = verified?.after ?? predicted;
  const states = compensated === undefined ? [before, reached] : [before, reached, before];
  return stateChange(states, colors).map((line) => `    ${line}`);
}
