import { type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { Status } from '../../core/transaction.ts';
import { openControl, summaryOfStanding } from '../control/control.ts';
import { endedOrInterrupted } from '../end-of-run.ts';
import { EXIT } from '../exit-codes.ts';
import { watchInterruption } from '../interruption.ts';
import { invoke, reachable } from '../invocation.ts';
import { outcomeText, summaryLine } from '../view/summary.ts';

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
  const command = tx
    .command('list')
    .description('list transactions, the newest first')
    .addOption(new Option('--status <status>', 'only those of this status').choices(STATUSES))
    .option('--agent <id>', 'only those of this agent')
    .option('--limit <n>', `at most so many, up to ${LIMIT_MAX}`, parseLimit, LIMIT_DEFAULT)
    .option('--after <cursor>', 'go on behind the previous page', parseCursor)
    .addHelpText('after', '\nExample:\n  $ interlock tx list --status stuck --json')
    .action(({ status, agent, limit, after }, command) =>
      invoke(command, async (invocation) => {
        const { output } = invocation;
        const control = await openControl(invocation);
        try {
          const page = await control.list({
            limit,
            ...(status === undefined ? {} : { status }),
            ...(agent === undefined ? {} : { agent }),
            ...(after === undefined ? {} : { after }),
          });
          const { transactions } = page;
          const lines = () => transactions.map((one) => summaryLine(one, output.colors));
          output.print(page, () =>
            transactions.length === 0 ? 'no transactions' : lines().join('\n'),
          );
          const isWaiting = transactions.some((one) => one.status === 'awaiting-approval');
          if (isWaiting && !output.isJson)
            output.message('waiting: `interlock tx approve ID` shows the dry run, then asks');
          if (page.next !== undefined && !output.isJson)
            output.message(`more: --after ${page.next}`);
          return EXIT.ok;
        } finally {
          await control.close();
        }
      }),
    );
  reachable(command);
}

/** `tx watch`: follows a transaction that some process runs. */
export function addTxWatch(tx: CommandUnknownOpts): void {
  const command = tx
    .command('watch')
    .alias('wait')
    .description('follow a transaction until it has ended, waits, or nobody runs it')
    .argument('<id>', 'transaction id')
    .addHelpText('after', '\nExample:\n  $ interlock tx watch tx-0199...')
    .action((id, _, command) =>
      invoke(command, async (invocation) => {
        const { output } = invocation;
        const { progressPrinter } = await import('../progress.ts');
        const control = await openControl(invocation);
        const interruption = watchInterruption();
        try {
          const { signal } = interruption;
          const onRecord = progressPrinter(output);
          const standing = await control.watch(id, { signal, onRecord });
          const summary = summaryOfStanding(standing);
          output.print(summary, () => `${id}  ${outcomeText(summary, output.colors)}`);
          return endedOrInterrupted(output, standing, signal, control.goesOn);
        } finally {
          interruption.release();
          await control.close();
        }
      }),
    );
  reachable(command);
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new InvalidArgumentError(`It is a number from 1 to ${LIMIT_MAX}.`);
}

function parseCursor(text: string): string {
  if (/^[\w#-]{1,128}$/.test(text)) return text;
  throw new InvalidArgumentError('It is the `next` of a page.');
}
