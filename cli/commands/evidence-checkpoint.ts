import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { EXIT } from '../exit-codes.ts';
import { invoke } from '../invocation.ts';

/** `evidence checkpoint`: the newest state of the log, for others to keep. */
export function addEvidenceCheckpoint(evidence: CommandUnknownOpts): void {
  evidence
    .command('checkpoint')
    .description('print the newest checkpoint of the log, a signed note, for others to keep')
    .addHelpText(
      'after',
      `
Examples:
  $ interlock evidence checkpoint > checkpoint.txt
  $ interlock evidence verify --all --checkpoint checkpoint.txt`,
    )
    .action((_, command) =>
      invoke(command, async ({ data, output }) => {
        const { newestCheckpoint } = await import('../checkpoint-file.ts');
        const checkpoint = await newestCheckpoint(data);
        output.print(checkpoint, () => checkpoint.note.trimEnd());
        return EXIT.ok;
      }),
    );
}
