import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import type { Transaction } from '../../core/transaction.ts';
import { endedOrInterrupted } from '../end-of-run.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { runOrFollow } from '../follow.ts';
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
        const { runOrFollow } = await import('../follow.ts');
        const { cancel } = await import('../../core/tasks/cancel.ts');
        const confirmation = { question: `cancel ${id}?`, isConfirmed: options.yes === true };
        const code = await operate(invocation, {
          confirmation,
          act: (plane) => cancel(plane.ports, plane.caller, id),
          settle: runOrFollow,
        });
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
        const { runOrFollow } = await import('../follow.ts');
        const { undo } = await import('../../core/tasks/undo.ts');
        return operate(invocation, {
          confirmation: { question: '', isConfirmed: true },
          act: async (plane) => (await undo(plane.ports, plane.caller, id)).transaction,
          settle: runOrFollow,
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
        const { runNow } = await import('../follow.ts');
        const { resolve } = await import('../../core/tasks/resolve.ts');
        const { as, reason } = options;
        const question = `resolve ${id} as ${as}?`;
        const confirmation = { question, isConfirmed: options.yes === true };
        const code = await operate(invocation, {
          confirmation,
          act: (plane) => resolve(plane.ports, plane.caller, { id, as, reason }),
          // Its last runner may still live and hold the lease; nobody runs it all the same.
          settle: runNow,
        });
        // It stays `stuck` by name; the person has ended it.
        return code === EXIT.stuck ? EXIT.ok : code;
      }),
    );
}

/** How something is done to a transaction. */
export interface Operation {
  /** What is shown before the question. */
  readonly look?: (controlPlane: LocalControlPlane) => Promise<void>;
  readonly confirmation: { readonly question: string; readonly isConfirmed: boolean };
  readonly act: (controlPlane: LocalControlPlane) => Promise<Transaction>;
  /** Brings what was done to its end. */
  readonly settle: typeof runOrFollow;
}

/** Does something to a transaction and brings it to rest. */
export async function operate(
  { data, output }: Invocation,
  { look, confirmation, act, settle }: Operation,
): Promise<ExitCode> {
  const { openExisting } = await import('../open.ts');
  const { confirm } = await import('../confirm.ts');
  const { listening, progressPrinter } = await import('../progress.ts');
  const onRecord = progressPrinter(output);
  const controlPlane = openExisting({ data, wrap: listening(onRecord) });
  const interruption = watchInterruption();
  try {
    await look?.(controlPlane);
    await confirm(output, confirmation.question, confirmation.isConfirmed);
    const { id } = await act(controlPlane);
    const { signal } = interruption;
    const transaction = (await controlPlane.ports.store.load(id)) as Transaction;
    const ended = await settle(controlPlane, transaction, { signal, onRecord });
    const summary = summaryOf(ended);
    output.print(summary, () => `${ended.id}  ${outcomeText(summary, output.colors)}`);
    return endedOrInterrupted(output, ended, signal);
  } finally {
    interruption.release();
    controlPlane.close();
  }
}
