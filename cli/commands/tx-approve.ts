import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Transaction } from '../../core/transaction.ts';
import { EXIT } from '../exit-codes.ts';
import { invoke } from '../invocation.ts';
import type { LocalControlPlane } from '../open.ts';
import type { Output } from '../output.ts';
import { operate } from './tx-operate.ts';

/** `tx approve`: shows what a waiting transaction will change, and lets it run. */
export function addTxApprove(tx: CommandUnknownOpts): void {
  tx.command('approve')
    .description('look at the dry run of a transaction that waits, approve it and run it')
    .argument('<id>', 'transaction id')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ interlock tx approve tx-0199...')
    .action((id, options, command) =>
      invoke(command, async (invocation) => {
        const { runNow } = await import('../follow.ts');
        const { approve, waitingFor } = await import('../../core/tasks/approve.ts');
        let seen: Transaction | undefined;
        return operate(invocation, {
          look: async (plane) => {
            seen = await lookAt(plane, invocation.output, id);
          },
          confirmation: { question: `approve ${id}?`, isConfirmed: options.yes === true },
          act: (plane) => approve(plane.ports, plane.caller, waitingFor(seen as Transaction)),
          settle: async (plane, transaction, follower) =>
            // Its last runner may still live and hold the lease; nobody runs it all the same.
            transaction.status === 'awaiting-approval'
              ? transaction
              : runNow(plane, transaction, follower),
        });
      }),
    );
}

/** `tx refuse`: ends a waiting transaction. */
export function addTxRefuse(tx: CommandUnknownOpts): void {
  tx.command('refuse')
    .description('refuse a transaction that waits for an approval; it ends rejected')
    .argument('<id>', 'transaction id')
    .requiredOption('--reason <text>', 'why, for the evidence')
    .addHelpText('after', '\nExample:\n  $ interlock tx refuse tx-0199... --reason "still in use"')
    .action((id, { reason }, command) =>
      invoke(command, async (invocation) => {
        const { runNow } = await import('../follow.ts');
        const { refuse } = await import('../../core/tasks/approve.ts');
        const code = await operate(invocation, {
          confirmation: { question: '', isConfirmed: true },
          act: (plane) => refuse(plane.ports, plane.caller, { id, reason }),
          settle: runNow,
        });
        // Refused is what was asked for.
        return code === EXIT.denied ? EXIT.ok : code;
      }),
    );
}

/** Shows a person what there is to approve; what was shown is what is approved. */
async function lookAt(plane: LocalControlPlane, output: Output, id: string): Promise<Transaction> {
  const { loadTransaction } = await import('../follow.ts');
  const { predictedSteps } = await import('../dry-run.ts');
  const { waitingText } = await import('../view/waiting.ts');
  const transaction = await loadTransaction(plane, id);
  if (transaction.status === 'awaiting-approval' && !output.isJson) {
    const steps = await predictedSteps(plane, transaction);
    output.message(waitingText(transaction, steps, output.messageColors));
  }
  return transaction;
}
