import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Control, Standing } from '../control/control.ts';
import { EXIT } from '../exit-codes.ts';
import { invoke, reachable } from '../invocation.ts';
import type { Output } from '../output.ts';
import { operate } from './tx-operate.ts';

/** `tx approve`: shows what a waiting transaction will change, and lets it run. */
export function addTxApprove(tx: CommandUnknownOpts): void {
  const command = tx
    .command('approve')
    .description('look at the dry run of a transaction that waits, approve it and run it')
    .argument('<id>', 'transaction id')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ interlock tx approve tx-0199...')
    .action((id, options, command) =>
      invoke(command, async (invocation) => {
        let seen: Standing | undefined;
        return operate(invocation, {
          look: async (control) => {
            seen = await lookAt(control, invocation.output, id);
          },
          confirmation: { question: `approve ${id}?`, isConfirmed: options.yes === true },
          async act(control) {
            await control.approve(seen as Standing);
            return id;
          },
          settle: (control, listener) => control.settle(id, listener),
        });
      }),
    );
  reachable(command);
}

/** `tx refuse`: ends a waiting transaction. */
export function addTxRefuse(tx: CommandUnknownOpts): void {
  const command = tx
    .command('refuse')
    .description('refuse a transaction that waits for an approval; it ends rejected')
    .argument('<id>', 'transaction id')
    .requiredOption('--reason <text>', 'why, for the evidence')
    .addHelpText('after', '\nExample:\n  $ interlock tx refuse tx-0199... --reason "still in use"')
    .action((id, { reason }, command) =>
      invoke(command, async (invocation) => {
        const code = await operate(invocation, {
          confirmation: { question: '', isConfirmed: true },
          async act(control) {
            await control.refuse(id, reason);
            return id;
          },
          settle: (control, listener) => control.settle(id, listener),
        });
        // Refused is what was asked for.
        return code === EXIT.denied ? EXIT.ok : code;
      }),
    );
  reachable(command);
}

/** Shows a person what there is to approve; what was shown is what is approved. */
async function lookAt(control: Control, output: Output, id: string): Promise<Standing> {
  const { predictedSteps } = await import('../predicted-steps.ts');
  const { waitingText } = await import('../view/waiting.ts');
  const { transaction, steps, records } = await control.show(id);
  if (transaction.status === 'awaiting-approval' && !output.isJson) {
    const predicted = predictedSteps(records, steps);
    output.message(waitingText(transaction, predicted, output.messageColors));
  }
  return transaction;
}
