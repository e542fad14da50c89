import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { InvalidInputError } from '../../core/errors.ts';
import { RETENTION_DAYS_MAX, RETENTION_DAYS_MIN } from '../../core/retention.ts';
import { EXIT } from '../exit-codes.ts';
import { invoke } from '../invocation.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** `evidence retention`: for how long evidence is kept. */
export function addRetention(evidence: CommandUnknownOpts): void {
  evidence
    .command('retention')
    .description('show or set for how many days evidence is kept at least')
    .option('--days <n>', `keep it for so many days, ${RETENTION_DAYS_MIN} or more`)
    .option('--force', `also below ${RETENTION_DAYS_MIN}; the law may ask for more`)
    .option('--reason <text>', 'why; kept as evidence')
    .addHelpText('after', '\nExample:\n  $ interlock evidence retention --days 365 --reason policy')
    .action(({ days: wanted, force, reason }, command) =>
      invoke(command, async ({ data, output }) => {
        const { flushLog } = await import('../flush-log.ts');
        const { openExisting } = await import('../open.ts');
        const { recordOfFact } = await import('../../core/tasks/control.ts');
        const plane = openExisting({ data });
        try {
          if (wanted !== undefined) {
            const fact = {
              days: daysOf(wanted, force === true),
              before: plane.retention.days(),
              reason: reasonOf(reason),
            };
            const actor = `operator:${plane.operator}`;
            const record = { kind: 'retention-changed', actor, data: fact } as const;
            await plane.retention.setDays(fact.days, recordOfFact(record, plane.ports.clock.now()));
            await flushLog(plane.log, output);
          }
          const days = plane.retention.days();
          output.print({ days }, () => `evidence is kept for at least ${days} days`);
          return EXIT.ok;
        } finally {
          plane.close();
        }
      }),
    );
}

/** `evidence prune`: takes old evidence out of the store, into an archive. */
export function addPrune(evidence: CommandUnknownOpts): void {
  evidence
    .command('prune')
    .description('move evidence that is older than the retention into an archive folder')
    .option('--before <iso>', 'what was sealed before this instant')
    .option('--older-than <days>', 'what was sealed so many days ago')
    .option('--archive <dir>', 'the folder of bundles, made when it is not there')
    .option('--dry-run', 'say what would go, and change nothing')
    .option('--compact', 'then write the file anew, so that it shrinks; nothing else may run')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      `
A transaction goes only when its bundle is in the archive and verifies. Its row and its seals
stay, and a record says what went. What is open, or stuck and unresolved, stays.

Example:
  $ interlock evidence prune --older-than 400 --archive /mnt/archive --dry-run`,
    )
    .action(({ before, olderThan, archive, dryRun, compact, yes }, command) =>
      invoke(command, async ({ data, output }) => {
        const { flushLog } = await import('../flush-log.ts');
        const { openExisting } = await import('../open.ts');
        const { confirm } = await import('../confirm.ts');
        const { longWork } = await import('../long-work.ts');
        const { prune } = await import('../prune.ts');
        const { trustOf } = await import('../trust.ts');
        const { prunedText } = await import('../view/pruned.ts');
        if (dryRun !== true && archive === undefined) throw usage('pass --archive or --dry-run');
        const plane = openExisting({ data });
        try {
          const at = instantOf({ before, olderThan }, plane.ports.clock.now());
          const day = new Date(at).toISOString();
          if (dryRun !== true)
            await confirm(
              output,
              `Take evidence from before ${day} out of the store?`,
              yes === true,
            );
          const progress = longWork(output, 'pruned');
          const report = await prune(plane, {
            before: at,
            trust: trustOf(data, {}),
            onProgress: (done) => progress(done, done),
            ...(dryRun === true || archive === undefined ? {} : { archive }),
          });
          if (dryRun !== true) await flushLog(plane.log, output);
          output.print(report, () => prunedText(report));
          if (compact === true && dryRun !== true) plane.retention.compact();
          return report.skippedCount === 0 ? EXIT.ok : EXIT.notApplied;
        } finally {
          plane.close();
        }
      }),
    );
}

function daysOf(text: string, isForced: boolean): number {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > RETENTION_DAYS_MAX)
    throw usage(`--days is a number from 1 to ${RETENTION_DAYS_MAX}`);
  if (days >= RETENTION_DAYS_MIN || isForced) return days;
  throw new InvalidInputError('retention-too-short', `${days} days are less than half a year`, {
    hint: 'pass --force with a --reason when that is allowed',
  });
}

function reasonOf(reason: string | undefined): string {
  if (reason === undefined || reason.trim() === '') throw usage('say why with --reason');
  return reason.slice(0, 1000);
}

function instantOf(
  { before, olderThan }: { before?: string | undefined; olderThan?: string | undefined },
  now: number,
): number {
  if ((before === undefined) === (olderThan === undefined))
    throw usage('pass --before or --older-than');
  const at = before === undefined ? now - Number(olderThan) * DAY_MS : Date.parse(before);
  if (Number.isFinite(at) && at >= 0) return at;
  throw usage('--before is an instant like 2026-01-31T00:00:00Z, --older-than a number of days');
}

function usage(message: string): InvalidInputError {
  return new InvalidInputError('usage', message);
}
