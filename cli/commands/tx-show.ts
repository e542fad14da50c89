import { type CommandUnknownOpts, InvalidArgumentError } from '@commander-js/extra-typings';
import pc from 'picocolors';
import { InvalidInputError } from '../../core/errors.ts';
import { openControl } from '../control/control.ts';
import { nextStep } from '../end-of-run.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type Invocation, invoke, reachable } from '../invocation.ts';
import type { TransactionDiff } from '../json-shapes.ts';

/** `tx show`: everything about one, or what was known of it at a record. */
export function addTxShow(tx: CommandUnknownOpts): void {
  const command = tx
    .command('show')
    .description('show a transaction with its steps, records and seal')
    .argument('<id>', 'transaction id')
    .option('--at <seq>', 'as it was once this record was written, by its records', parseCount)
    .addHelpText(
      'after',
      '\nExamples:\n  $ interlock tx show tx-0199... --json\n  $ interlock tx show tx-0199... --at 12',
    )
    .action((id, { at }, command) =>
      invoke(command, (invocation) =>
        at === undefined ? show(invocation, id) : showAt(invocation, id, at),
      ),
    );
  reachable(command);
}

/** `tx diff`: what each step did. */
export function addTxDiff(tx: CommandUnknownOpts): void {
  const command = tx
    .command('diff')
    .description('show what each step changed, by the records alone')
    .argument('<id>', 'transaction id')
    .option('--step <n>', 'only this step, counted from 1', parseCount)
    .addHelpText('after', '\nExample:\n  $ interlock tx diff tx-0199... --step 2')
    .action((id, { step }, command) =>
      invoke(command, async (invocation) => {
        const { output } = invocation;
        const { transactionDiff, transactionDiffText } = await import(
          '../view/transaction-diff.ts'
        );
        const control = await openControl(invocation);
        try {
          const records = await control.records(id);
          const diff = onlyStep(transactionDiff(id, records, pc.createColors(false)), step);
          output.print(diff, () => transactionDiffText(diff, output.colors));
          return EXIT.ok;
        } finally {
          await control.close();
        }
      }),
    );
  reachable(command);
}

async function show(invocation: Invocation, id: string): Promise<ExitCode> {
  const { output } = invocation;
  const { detailText } = await import('../view/detail-text.ts');
  const control = await openControl(invocation);
  try {
    const detail = await control.show(id);
    output.print(detail, () => detailText(detail, output.colors));
    const next = nextStep(detail.transaction);
    if (next !== undefined && !output.isJson) output.message(`next: ${next}`);
    return EXIT.ok;
  } finally {
    await control.close();
  }
}

async function showAt(invocation: Invocation, id: string, seq: number): Promise<ExitCode> {
  const { output } = invocation;
  const { transactionAt } = await import('../view/transaction-at.ts');
  const { transactionAtText } = await import('../view/transaction-at-text.ts');
  const control = await openControl(invocation);
  try {
    const shown = transactionAt(id, await control.records(id), seq);
    output.print(shown, () => transactionAtText(shown, output.colors));
    return EXIT.ok;
  } finally {
    await control.close();
  }
}

function onlyStep(diff: TransactionDiff, step: number | undefined): TransactionDiff {
  if (step === undefined) return diff;
  const steps = diff.steps.filter(({ index }) => index === step - 1);
  if (steps.length > 0) return { ...diff, steps };
  throw new InvalidInputError('no-such-step', `there is no step \`${step}\``, {
    hint: `there are steps 1 to ${diff.steps.length}`,
  });
}

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number.');
}
