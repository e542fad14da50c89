import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import {
  type Control,
  type Listener,
  openControl,
  type Standing,
  summaryOfStanding,
} from '../control/control.ts';
import { endedOrInterrupted } from '../end-of-run.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { watchInterruption } from '../interruption.ts';
import { type Invocation, invoke, reachable } from '../invocation.ts';
import { outcomeText } from '../view/summary.ts';

/** `tx cancel`: asks a transaction to end; what it did is compensated. */
export function addTxCancel(tx: CommandUnknownOpts): void {
  const command = tx
    .command('cancel')
    .description('end a transaction that has not ended; what it did is compensated')
    .argument('<id>', 'transaction id')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ interlock tx cancel tx-0199... --yes')
    .action((id, options, command) =>
      invoke(command, async (invocation) => {
        const confirmation = { question: `cancel ${id}?`, isConfirmed: options.yes === true };
        const code = await operate(invocation, {
          confirmation,
          async act(control) {
            await control.cancel(id);
            return id;
          },
          settle: (control, listener) => control.follow(id, listener),
        });
        // Cancelled is what was asked for.
        return code === EXIT.cancelled ? EXIT.ok : code;
      }),
    );
  reachable(command);
}

/** `tx undo`: proposes the inverse of a committed transaction, which waits for an approval. */
export function addTxUndo(tx: CommandUnknownOpts): void {
  const command = tx
    .command('undo')
    .description('propose the undo of a committed transaction; it waits for an approval')
    .argument('<id>', 'transaction id')
    .addHelpText('after', '\nExample:\n  $ interlock tx undo tx-0199...')
    .action((id, _, command) =>
      invoke(command, (invocation) =>
        operate(invocation, {
          confirmation: { question: '', isConfirmed: true },
          act: (control) => control.undo(id),
          settle: (control, listener, undone) => control.follow(undone, listener),
        }),
      ),
    );
  reachable(command);
}

/** `tx resolve`: a person says what the target of a stuck transaction looks like. */
export function addTxResolve(tx: CommandUnknownOpts): void {
  const command = tx
    .command('resolve')
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
        const { as, reason } = options;
        const question = `resolve ${id} as ${as}?`;
        const confirmation = { question, isConfirmed: options.yes === true };
        const code = await operate(invocation, {
          confirmation,
          async act(control) {
            await control.resolve({ id, as, reason });
            return id;
          },
          settle: (control, listener) => control.settle(id, listener),
        });
        // It stays `stuck` by name; the person has ended it.
        return code === EXIT.stuck ? EXIT.ok : code;
      }),
    );
  reachable(command);
}

/** How something is done to a transaction. */
export interface Operation {
  /** What is shown before the question. */
  readonly look?: (control: Control) => Promise<void>;
  readonly confirmation: { readonly question: string; readonly isConfirmed: boolean };
  /** Returns the id of the transaction that comes of it. */
  readonly act: (control: Control) => Promise<string>;
  /** Brings what was done to its end. */
  readonly settle: (control: Control, listener: Listener, id: string) => Promise<Standing>;
}

/** Does something to a transaction and brings it to rest. */
export async function operate(
  invocation: Invocation,
  { look, confirmation, act, settle }: Operation,
): Promise<ExitCode> {
  const { confirm } = await import('../confirm.ts');
  const { progressPrinter } = await import('../progress.ts');
  const { output } = invocation;
  const onRecord = progressPrinter(output);
  const control = await openControl(invocation, onRecord);
  const interruption = watchInterruption();
  try {
    await look?.(control);
    await confirm(output, confirmation.question, confirmation.isConfirmed);
    const id = await act(control);
    const { signal } = interruption;
    const ended = await settle(control, { signal, onRecord }, id);
    const summary = summaryOfStanding(ended);
    output.print(summary, () => `${ended.id}  ${outcomeText(summary, output.colors)}`);
    return endedOrInterrupted(output, ended, signal, control.goesOn);
  } finally {
    interruption.release();
    await control.close();
  }
}
