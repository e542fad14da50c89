import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import type { Transaction } from '../../core/transaction.ts';
import { endedOrInterrupted } from '../end-of-run.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { watchInterruption } from '../interruption.ts';
import { type Invocation, invoke } from '../invocation.ts';
import type { LocalControlPlane } from '../open.ts';
import { outcomeText, summaryOf } from '../view/summary.ts';

/** `tx cancel`: asks a transaction to end; what it did is compensated. */
export function addTxCancel(tx: CommandUnknownOpts): void {
  tx.command('cancel')
    .description('end a transaction that has not ended; what it did is compensated')
    .argument('<id>', 'transaction id')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ interlock tx cancel tx-0199... --yes')
    .action((id, options, command) =>
      invoke(command, async (invocation) => {
        const { cancel } = await import('../../core/tasks/cancel.ts');
        const confirmation = { question: `cancel ${id}?`, isConfirmed: options.yes === true };
        const code = await operate(invocation, confirmation, async (plane) =>
          cancel(plane.ports, plane.caller, id),
        );
        // Cancelled is what was asked for.
        return code === EXIT.cancelled ? EXIT.ok : code;
      }),
    );
}

/** `tx undo`: proposes the inverse of a committed transaction, which waits for an approval. */
export function addTxUndo(tx: CommandUnknownOpts): void {
  tx.command('undo')
    .description('propose the undo of a committed transaction; it waits for an approval')
    .argument('<id>', 'transaction id')
    .addHelpText('after', '\nExample:\n  $ interlock tx undo tx-0199...')
    .action((id, _, command) =>
      invoke(command, async (invocation) => {
        const { undo } = await import('../../core/tasks/undo.ts');
        return operate(invocation, { question: '', isConfirmed: true }, async (plane) => {
          const { transaction } = await undo(plane.ports, plane.caller, id);
          return transaction;
        });
      }),
    );
}

/** `tx resolve`: a person says what the target of a stuck transaction looks like. */
export function addTxResolve(tx: CommandUnknownOpts): void {
  tx.command('resolve')
    .description('end a stuck transaction after looking at its target; locks are released')
    .argument('<id>', 'transaction id')
    .addOption(
      new Option('--as <state>', 'how the target was found')
        .choices(['applied', 'restored'] as const)
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why, for the evidence')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExample:\n  $ interlock tx resolve tx-0199... --as restored --reason "put back by hand" --yes',
    )
    .action((id, options, command) =>
      invoke(command, async (invocation) => {
        const { resolve } = await import('../../core/tasks/resolve.ts');
        const { as, reason } = options;
        const question = `resolve ${id} as ${as}?`;
        const confirmation = { question, isConfirmed: options.yes === true };
        const code = await operate(invocation, confirmation, async (plane) =>
          resolve(plane.ports, plane.caller, { id, as, reason }),
        );
        // It stays `stuck` by name; the person has ended it.
        return code === EXIT.stuck ? EXIT.ok : code;
      }),
    );
}

/** Does something to a transaction and runs or follows it until it is at rest. */
async function operate(
  { data, output }: Invocation,
  confirmation: { readonly question: string; readonly isConfirmed: boolean },
  act: (controlPlane: LocalControlPlane) => Promise<Transaction>,
): Promise<ExitCode> {
  const { openExisting } = await import('../open.ts');
  const { confirm } = await import('../confirm.ts');
  const { listening, progressPrinter } = await import('../progress.ts');
  const { runOrFollow } = await import('../follow.ts');
  const onRecord = progressPrinter(output);
  const controlPlane = openExisting({ data, wrap: listening(onRecord) });
  const interruption = watchInterruption();
  try {
    await confirm(output, confirmation.question, confirmation.isConfirmed);
    const { id } = await act(controlPlane);
    const { signal } = interruption;
    const transaction = (await controlPlane.ports.store.load(id)) as Transaction;
    const ended = await runOrFollow(controlPlane, transaction, { signal, onRecord });
    const summary = summaryOf(ended);
    output.print(summary, () => `${ended.id}  ${outcomeText(summary, output.colors)}`);
    return endedOrInterrupted(output, ended, signal);
  } finally {
    interruption.release();
    controlPlane.close();
  }
}
