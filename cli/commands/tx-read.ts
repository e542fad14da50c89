import { type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { Status } from '../../core/transaction.ts';
import { endedOrInterrupted, nextStep } from '../end-of-run.ts';
import { EXIT } from '../exit-codes.ts';
import { watchInterruption } from '../interruption.ts';
import { invoke } from '../invocation.ts';
import { outcomeText, summaryLine, summaryOf } from '../view/summary.ts';

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 1000;
// As json-shapes has them, which would load the schema library for --help.
const STATUSES: readonly Status[] = [
  'proposed',
  'awaiting-approval',
  'running',
  'compensating',
  'parked',
  'committed',
  'rejected',
  'compensated',
  'stuck',
];

/** `tx list`: the newest first. */
export function addTxList(tx: CommandUnknownOpts): void {
  tx.command('list')
    .description('list transactions, the newest first')
    .addOption(new Option('--status <status>', 'only those of this status').choices(STATUSES))
    .option('--agent <id>', 'only those of this agent')
    .option('--limit <n>', `at most so many, up to ${LIMIT_MAX}`, parseLimit, LIMIT_DEFAULT)
    .option('--after <cursor>', 'go on behind the previous page', parseCursor)
    .addHelpText('after', '\nExample:\n  $ interlock tx list --status stuck --json')
    .action(({ status, agent, limit, after }, command) =>
      invoke(command, async ({ data, output }) => {
        const { openExisting } = await import('../open.ts');
        const controlPlane = openExisting({ data });
        try {
          const page = await controlPlane.ports.store.list({
            limit,
            ...(status === undefined ? {} : { status }),
            ...(agent === undefined ? {} : { agent }),
            ...(after === undefined ? {} : { after }),
          });
          const transactions = page.transactions.map(summaryOf);
          const lines = () => transactions.map((one) => summaryLine(one, output.colors));
          output.print({ ...page, transactions }, () =>
            transactions.length === 0 ? 'no transactions' : lines().join('\n'),
          );
          const isWaiting = transactions.some((one) => one.status === 'awaiting-approval');
          if (isWaiting && !output.isJson)
            output.message('waiting: `interlock tx approve ID` shows the dry run, then asks');
          if (page.next !== undefined && !output.isJson)
            output.message(`more: --after ${page.next}`);
          return EXIT.ok;
        } finally {
          controlPlane.close();
        }
      }),
    );
}

/** `tx show`: everything about one. */
export function addTxShow(tx: CommandUnknownOpts): void {
  tx.command('show')
    .description('show a transaction with its steps, records and seal')
    .argument('<id>', 'transaction id')
    .addHelpText('after', '\nExample:\n  $ interlock tx show tx-0199... --json')
    .action((id, _, command) =>
      invoke(command, async ({ data, output }) => {
        const { openExisting } = await import('../open.ts');
        const { loadTransaction } = await import('../follow.ts');
        const { detailOf } = await import('../../api/view/detail.ts');
        const { detailText } = await import('../view/detail-text.ts');
        const controlPlane = openExisting({ data });
        try {
          const transaction = await loadTransaction(controlPlane, id);
          const detail = await detailOf(controlPlane.ports.store, transaction);
          output.print(detail, () => detailText(detail, output.colors));
          const next = nextStep(transaction);
          if (next !== undefined && !output.isJson) output.message(`next: ${next}`);
          return EXIT.ok;
        } finally {
          controlPlane.close();
        }
      }),
    );
}

/** `tx watch`: follows a transaction that some process runs. */
export function addTxWatch(tx: CommandUnknownOpts): void {
  tx.command('watch')
    .description('follow a transaction until it has ended, waits, or nobody runs it')
    .argument('<id>', 'transaction id')
    .addHelpText('after', '\nExample:\n  $ interlock tx watch tx-0199...')
    .action((id, _, command) =>
      invoke(command, async ({ data, output }) => {
        const { openExisting } = await import('../open.ts');
        const { follow } = await import('../follow.ts');
        const { progressPrinter } = await import('../progress.ts');
        const controlPlane = openExisting({ data });
        const interruption = watchInterruption();
        try {
          const { signal } = interruption;
          const onRecord = progressPrinter(output);
          const transaction = await follow(controlPlane, id, { signal, onRecord });
          const summary = summaryOf(transaction);
          output.print(summary, () => `${id}  ${outcomeText(summary, output.colors)}`);
          return endedOrInterrupted(output, transaction, signal);
        } finally {
          interruption.release();
          controlPlane.close();
        }
      }),
    );
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new InvalidArgumentError(`It is a number from 1 to ${LIMIT_MAX}.`);
}

function parseCursor(text: string): string {
  if (/^[0-9a-z]{1,11}$/.test(text)) return text;
  throw new InvalidArgumentError('It is the `next` of a page.');
}
