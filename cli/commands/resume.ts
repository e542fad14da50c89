import { openControl } from '../control/control.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { watchInterruption } from '../interruption.ts';
import { type Invocation, invoke, reachable } from '../invocation.ts';
import type { AddCommand } from '../program.ts';
import { outcomeText } from '../view/summary.ts';

/** `interlock resume`: goes on with everything that nobody runs. */
export const addResume: AddCommand = (program) => {
  const command = program
    .command('resume')
    .description('go on with every transaction that nobody runs: interrupted, parked, not sealed')
    .addHelpText(
      'after',
      '\nExample:\n  $ interlock resume\n\nExit codes: 0 all ended, 8 some wait, 10 some are stuck.',
    )
    .action((_, command) => invoke(command, resume));
  reachable(command);
};

async function resume(invocation: Invocation): Promise<ExitCode> {
  const { output } = invocation;
  const control = await openControl(invocation);
  const interruption = watchInterruption();
  try {
    const { signal } = interruption;
    const transactions = await control.resumeAll({
      signal,
      onEnd: (one) => output.message(`${one.id}  ${outcomeText(one, output.messageColors)}`),
    });
    output.print({ transactions }, () =>
      transactions.length === 0
        ? 'nothing to resume'
        : `${transactions.length} transaction(s) resumed`,
    );
    if (signal.aborted) {
      output.message(`interrupted; nothing is lost: ${control.goesOn}`);
      return EXIT.interrupted;
    }
    const codes = transactions.map(exitCodeOf);
    if (codes.includes(EXIT.stuck)) return EXIT.stuck;
    return codes.includes(EXIT.pending) ? EXIT.pending : EXIT.ok;
  } finally {
    interruption.release();
    await control.close();
  }
}
