import type { TransactionSummary } from '../json-shapes.ts';
import type { Colors } from '../output.ts';

export { summaryOf } from '../../api/view/summary.ts';

/** One line: id, status, when, who, what for. */
export function summaryLine(summary: TransactionSummary, colors: Colors): string {
  const { id, status, createdAt, agent, purpose } = summary;
  const when = createdAt.slice(0, 19).replace('T', ' ');
  return `${id}  ${statusText(status, colors)}  ${when}  ${agent}  ${oneLine(purpose)}`;
}

/** How a transaction ended, in words: `committed`, or the status with its reason. */
export function outcomeText(summary: TransactionSummary, colors: Colors): string {
  const { status, reason } = summary;
  const text = statusText(status, colors).trimEnd();
  if (reason === undefined) return text;
  const step = reason.stepIndex === undefined ? '' : ` at step ${reason.stepIndex + 1}`;
  const detail = oneLine(reason.message ?? reason.detail ?? '');
  return `${text}: ${reason.code}${step}${detail === '' ? '' : `, ${detail}`}`;
}

const STATUS_WIDTH = 'awaiting-approval'.length;

/** A status, padded to the width of the longest. */
export function statusText(status: TransactionSummary['status'], colors: Colors): string {
  const text = status.padEnd(STATUS_WIDTH);
  switch (status) {
    case 'committed':
      return colors.green(text);
    case 'rejected':
    case 'compensated':
      return colors.yellow(text);
    case 'stuck':
      return colors.red(text);
    default:
      return colors.cyan(text);
  }
}

/** Text from a plan, on one line: it may not draw lines of its own. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
