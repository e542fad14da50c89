import { isFinal, type Transaction } from '../core/transaction.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import type { Output } from './output.ts';

/** Where a transaction stands, as far as it matters here. */
export interface Ended extends Pick<Transaction, 'id' | 'status' | 'reason'> {
  readonly approval?: { readonly given: readonly unknown[]; readonly needed: number };
}

/** The exit code after a run, with a word to the person about what comes next. */
export function endedOrInterrupted(
  output: Output,
  transaction: Ended,
  signal: AbortSignal,
  goesOn = '`interlock resume` goes on',
): ExitCode {
  const { id, status } = transaction;
  if (signal.aborted && !isFinal(status)) {
    output.message(`interrupted; nothing is lost: ${goesOn} with ${id}`);
    return EXIT.interrupted;
  }
  const next = nextStep(transaction);
  if (next !== undefined) output.message(`${output.messageColors.dim('next:')} ${next}`);
  return exitCodeOf(transaction);
}

/** What a person may do about a transaction, or undefined where nothing is left to do. */
export function nextStep({ id, status, approval }: Omit<Ended, 'reason'>): string | undefined {
  switch (status) {
    case 'stuck':
      return `look at the target, then \`interlock tx resolve ${id} --as applied|restored --reason TEXT\``;
    case 'parked':
      return '`interlock kill status`; after the release `interlock resume` goes on';
    case 'awaiting-approval':
      return (
        `it has ${approval?.given.length ?? 0} of ${approval?.needed ?? 1} approvals; another ` +
        `operator than the one who asked looks at it with \`interlock tx approve ${id}\` or ` +
        `ends it with \`interlock tx refuse ${id} --reason TEXT\``
      );
    case 'proposed':
    case 'running':
    case 'compensating':
      return '`interlock resume` goes on with what nobody runs';
    case 'committed':
    case 'rejected':
    case 'compensated':
      return undefined;
  }
}
