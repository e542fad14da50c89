import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { EXIT } from '../exit-codes.ts';
import { invoke } from '../invocation.ts';

/** `evidence salvage`: what can still be read of a damaged store. */
export function addSalvage(evidence: CommandUnknownOpts): void {
  evidence
    .command('salvage')
    .description('export every transaction that a damaged data folder still holds whole')
    .requiredOption('--out <dir>', 'a folder that is not there yet')
    .addHelpText(
      'after',
      `
Stop what runs on the data folder first; nothing is written to it. The folder gets one file a
transaction, as \`tx export\` writes it, and report.json with what is damaged.

Example:
  $ interlock evidence salvage --out salvaged

Exit code 6 when anything is damaged.`,
    )
    .action(({ out }, command) =>
      invoke(command, async ({ data, output }) => {
        const { requireDataFolder } = await import('../open.ts');
        const { longWork } = await import('../long-work.ts');
        const { salvage } = await import('../salvage.ts');
        const { salvagedText } = await import('../view/salvaged.ts');
        const { trustOf } = await import('../trust.ts');
        const report = await salvage({
          folder: requireDataFolder(data),
          out,
          trust: trustOf(data, {}),
          onProgress: (what) => longWork(output, what),
        });
        output.print(report, () => salvagedText(report, output.colors));
        return report.ok ? EXIT.ok : EXIT.evidenceInvalid;
      }),
    );
}
