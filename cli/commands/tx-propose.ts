import { randomUUID } from 'node:crypto';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { DryRun } from '../../api/shapes.ts';
import type { Plan } from '../../core/plan.ts';
import { openControl, summaryOfStanding } from '../control/control.ts';
import { endedOrInterrupted } from '../end-of-run.ts';
import { type ExitCode, exitCodeOfDryRun } from '../exit-codes.ts';
import { watchInterruption } from '../interruption.ts';
import { type Invocation, invoke, type Remote, reachable } from '../invocation.ts';
import { outcomeText } from '../view/summary.ts';

/** `tx propose`: runs a plan to its end, or says what it would do. */
export function addTxPropose(tx: CommandUnknownOpts): void {
  const command = tx
    .command('propose')
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
  reachable(command);
}

async function dryRunPlan({ data, output, remote }: Invocation, plan: Plan): Promise<ExitCode> {
  const { dryRunText } = await import('../view/dry-run.ts');
  const report = await (remote === undefined ? dryRunHere(data, plan) : dryRunAt(remote, plan));
  output.print(report, () => dryRunText(report, output.colors));
  return exitCodeOfDryRun(report);
}

async function dryRunHere(data: string, plan: Plan): Promise<DryRun> {
  const { dryRunOnFolder } = await import('../dry-run.ts');
  return dryRunOnFolder(data, plan);
}

async function dryRunAt(remote: Remote, plan: Plan): Promise<DryRun> {
  const { createClient } = await import('../../api/client.ts');
  const { transportOf } = await import('../control/transport-of.ts');
  return createClient(transportOf(remote)).dryRun(plan);
}

async function proposePlan(
  invocation: Invocation,
  plan: Plan,
  idempotencyKey: string,
): Promise<ExitCode> {
  const { progressPrinter } = await import('../progress.ts');
  const { output } = invocation;
  const onRecord = progressPrinter(output);
  const control = await openControl(invocation, onRecord);
  const interruption = watchInterruption();
  try {
    const { transaction, isNew } = await control.propose(plan, idempotencyKey);
    const known = isNew ? 'proposed' : 'known already';
    output.message(`transaction ${transaction.id} (${known}, key ${idempotencyKey})`);
    const { signal } = interruption;
    const ended = await control.follow(transaction.id, { signal, onRecord });
    const summary = summaryOfStanding(ended);
    output.print(
      { transaction: summary, isNew, idempotencyKey },
      () => `${ended.id}  ${outcomeText(summary, output.colors)}`,
    );
    return endedOrInterrupted(output, ended, signal, control.goesOn);
  } finally {
    interruption.release();
    await control.close();
  }
}
