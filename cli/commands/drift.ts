import type { DriftProgress } from '../../core/drift/drift.ts';
import { EXIT, exitCodeOfDrift } from '../exit-codes.ts';
import { invoke } from '../invocation.ts';
import type { Output } from '../output.ts';
import type { AddCommand } from '../program.ts';
import { parseSince } from '../since-option.ts';

/** Transactions and footprints between two words of progress. */
const PROGRESS_EVERY = 500;

/** `interlock drift`: is the account as it was left? */
export const addDrift: AddCommand = (program) => {
  program
    .command('drift')
    .description('compare what committed transactions left with what the account shows now')
    .option('--since <when>', 'only what was changed since then: 30d, 12h, or a date', parseSince)
    .addHelpText(
      'after',
      `
Exit code ${EXIT.drift} when something has drifted, ${EXIT.error} when something could not be read, ${EXIT.pending} when another
transaction holds what differs.

Example:
  $ interlock drift --since 30d --json`,
    )
    .action(({ since = 0 }, command) =>
      invoke(command, async ({ data, output }) => {
        const { openExisting } = await import('../open.ts');
        const { drift } = await import('../../core/drift/drift.ts');
        const { driftReport, driftText } = await import('../view/drift.ts');
        const plane = openExisting({ data });
        try {
          const onProgress = progress(output);
          const report = driftReport(await drift(plane.ports, { since, onProgress }));
          output.print(report, () => driftText(report, output.colors));
          return exitCodeOfDrift(report);
        } finally {
          plane.close();
        }
      }),
    );
};

function progress({ message, messageColors }: Output): (progress: DriftProgress) => void {
  return ({ transactions, looked, footprints }) => {
    const count = footprints === undefined ? transactions : looked;
    if (count === 0 || count % PROGRESS_EVERY !== 0) return;
    const text =
      footprints === undefined
        ? `${transactions} transactions listed`
        : `${looked} of ${footprints} footprints read`;
    message(messageColors.dim(text));
  };
}
