import { EXIT } from '../exit-codes.ts';
import { invoke } from '../invocation.ts';
import type { AddCommand } from '../program.ts';

/** `interlock doctor`: what is well, what is not, and what to do about it. */
export const addDoctor: AddCommand = (program) => {
  program
    .command('doctor')
    .description('look over the installation and the data folder')
    .addHelpText('after', '\nExample:\n  $ interlock doctor\n\nExit code 1 when a check fails.')
    .action((_, command) =>
      invoke(command, async ({ data, output }) => {
        const { examine } = await import('../doctor/examine.ts');
        const { doctorText } = await import('../view/doctor.ts');
        const checks = [...(await examine(data))];
        const report = { ok: checks.every(({ level }) => level !== 'fail'), checks };
        output.print(report, () => doctorText(report, output.colors));
        return report.ok ? EXIT.ok : EXIT.error;
      }),
    );
};
