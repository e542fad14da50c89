import { randomUUID } from 'node:crypto';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { endedOrInterrupted } from '../end-of-run.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { watchInterruption } from '../interruption.ts';
import { type Invocation, invoke } from '../invocation.ts';
import { outcomeText, summaryOf } from '../view/summary.ts';

/** `tx propose`: runs a plan to its end, or says what it would do. */
export function addTxPropose(tx: CommandUnknownOpts): void {
  tx.command('propose')
    .description('propose a plan and run it to its end')
    .argument('<plan>', 'a plan file (JSON)')
    .option('--dry-run', 'decide and predict only; nothing is locked, started or written')
    .option('--key <key>', 'idempotency key: the same key and plan are one transaction')
    .addHelpText(
      'after',
      `
Examples:
  $ interlock tx propose examples/plans/detach-legacy.json --dry-run
  $ interlock tx propose examples/plans/detach-legacy.json --key nightly-2026-11-25

Exit codes: 0 committed, 5 rejected or compensated, 7 refused by policy, 8 waits, 10 stuck.`,
    )
    .action((file, options, command) =>
      invoke(command, async (invocation) => {
        const { readPlan } = await import('../read-plan.ts');
        const plan = readPlan(file);
        return options.dryRun === true
          ? dryRunPlan(invocation, plan)
          : proposePlan(invocation, plan, options.key ?? randomUUID());
      }),
    );
}

async function dryRunPlan(
  { data, output }: Invocation,
  plan: { readonly agent: string },
): Promise<ExitCode> {
  const { dryRunOnFolder } = await import('../dry-run-source.ts');
  const { dryRunText } = await import('../view/dry-run.ts');
  const { report, transaction } = await dryRunOnFolder(data, plan);
  output.print(report, () => dryRunText(report, output.colors));
  return report.answer === 'allow' ? EXIT.ok : exitCodeOf(transaction);
}

async function proposePlan(
  { data, output }: Invocation,
  plan: { readonly agent: string },
  idempotencyKey: string,
): Promise<ExitCode> {
  const { openExisting } = await import('../open.ts');
  const { listening, progressPrinter } = await import('../progress.ts');
  const { propose } = await import('../../core/tasks/propose.ts');
  const { runOrFollow } = await import('../follow.ts');
  const onRecord = progressPrinter(output);
  const controlPlane = openExisting({ data, wrap: listening(onRecord) });
  const interruption = watchInterruption();
  try {
    const actor = `agent:${plan.agent}`;
    const { transaction, isNew } = await propose(controlPlane.ports, {
      plan,
      idempotencyKey,
      actor,
    });
    const known = isNew ? 'proposed' : 'known already';
    output.message(`transaction ${transaction.id} (${known}, key ${idempotencyKey})`);
    const { signal } = interruption;
    const ended = await runOrFollow(controlPlane, transaction, { signal, onRecord });
    const summary = summaryOf(ended);
    output.print(
      { transaction: summary, isNew, idempotencyKey },
      () => `${ended.id}  ${outcomeText(summary, output.colors)}`,
    );
    return endedOrInterrupted(output, ended, signal);
  } finally {
    interruption.release();
    controlPlane.close();
  }
}
