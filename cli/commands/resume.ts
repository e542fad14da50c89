import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { watchInterruption } from '../interruption.ts';
import { type Invocation, invoke } from '../invocation.ts';
import type { AddCommand } from '../program.ts';
import { outcomeText, summaryOf } from '../view/summary.ts';

/** `interlock resume`: goes on with everything that nobody runs. */
export const addResume: AddCommand = (program) => {
  program
    .command('resume')
    .description('go on with every transaction that nobody runs: interrupted, parked, not sealed')
    .addHelpText(
      'after',
      '\nExample:\n  $ interlock resume\n\nExit codes: 0 all ended, 8 some wait, 10 some are stuck.',
    )
    .action((_, command) => invoke(command, resume));
};

async function resume({ data, output }: Invocation): Promise<ExitCode> {
  const { openExisting } = await import('../open.ts');
  const { runAll } = await import('../run-all.ts');
  const controlPlane = openExisting({ data });
  const interruption = watchInterruption();
  try {
    const { signal } = interruption;
    const lost = await controlPlane.lost();
    const ended = await runAll(controlPlane, lost, {
      signal,
      onEnd: (one) =>
        output.message(`${one.id}  ${outcomeText(summaryOf(one), output.messageColors)}`),
    });
    const transactions = ended.map(summaryOf);
    output.print({ transactions }, () =>
      ended.length === 0 ? 'nothing to resume' : `${ended.length} transaction(s) resumed`,
    );
    if (signal.aborted) {
      output.message('interrupted; nothing is lost: `interlock resume` goes on');
      return EXIT.interrupted;
    }
    const codes = ended.map(exitCodeOf);
    if (codes.includes(EXIT.stuck)) return EXIT.stuck;
    return codes.includes(EXIT.pending) ? EXIT.pending : EXIT.ok;
  } finally {
    interruption.release();
    controlPlane.close();
  }
}
