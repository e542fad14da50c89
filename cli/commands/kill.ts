import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import type { KillMode, KillSetting } from '../../core/ports/kill-switch.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type Invocation, invoke } from '../invocation.ts';
import type { AddCommand } from '../program.ts';

/** `interlock kill ...`: the kill switch. */
export const addKill: AddCommand = (program) => {
  const kill = program.command('kill').description('stop agents, and let them go on');
  addStatus(kill);
  addEngage(kill);
  addRelease(kill);
};

function addStatus(kill: CommandUnknownOpts): void {
  kill
    .command('status')
    .description('show the kill switch')
    .addHelpText('after', '\nExample:\n  $ interlock kill status --json')
    .action((_, command) =>
      invoke(command, async ({ data, output }) => {
        const { openExisting } = await import('../open.ts');
        const { killStatusOf, killStatusText } = await import('../view/kill-status.ts');
        const controlPlane = openExisting({ data });
        try {
          const status = await killStatusOf(controlPlane.ports.killSwitch);
          output.print(status, () => killStatusText(status, output.colors));
          return EXIT.ok;
        } finally {
          controlPlane.close();
        }
      }),
    );
}

function addEngage(kill: CommandUnknownOpts): void {
  kill
    .command('engage')
    .description('stop: drain (no new transactions), halt (undo what is open), freeze (no effect)')
    .addOption(
      new Option('--mode <mode>', 'how to stop')
        .choices(['halt', 'freeze', 'drain'] as const)
        .makeOptionMandatory(),
    )
    .requiredOption('--scope <scope>', 'all, agent:ID or action:ID')
    .requiredOption('--reason <text>', 'why, for the evidence')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExample:\n  $ interlock kill engage --mode halt --scope all --reason "wrong account" --yes',
    )
    .action(({ mode, scope, reason, yes }, command) =>
      invoke(command, (invocation) =>
        move(invocation, { mode, scope, reason, isConfirmed: yes === true }),
      ),
    );
}

function addRelease(kill: CommandUnknownOpts): void {
  kill
    .command('release')
    .description('let agents go on; `interlock resume` runs what is parked')
    .option('--scope <scope>', 'all, agent:ID or action:ID', 'all')
    .requiredOption('--reason <text>', 'why, for the evidence')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ interlock kill release --reason "plan corrected" --yes')
    .action(({ scope, reason, yes }, command) =>
      invoke(command, async (invocation) => {
        const wanted = { mode: 'running', scope, reason, isConfirmed: yes === true } as const;
        const code = await move(invocation, wanted);
        invocation.output.message('`interlock resume` goes on with what was stopped');
        return code;
      }),
    );
}

interface Move extends Pick<KillSetting, 'scope' | 'reason'> {
  readonly mode: KillMode;
  readonly isConfirmed: boolean;
}

async function move({ data, output }: Invocation, wanted: Move): Promise<ExitCode> {
  const { openExisting } = await import('../open.ts');
  const { confirm } = await import('../confirm.ts');
  const { halt } = await import('../../core/tasks/halt.ts');
  const { killStatusOf, killStatusText } = await import('../view/kill-status.ts');
  const { mode, scope, reason, isConfirmed } = wanted;
  const controlPlane = openExisting({ data });
  try {
    await confirm(output, `set \`${scope}\` to \`${mode}\`?`, isConfirmed);
    const { ports, operator } = controlPlane;
    await halt(ports, { operator, scope, mode, reason });
    const status = await killStatusOf(ports.killSwitch);
    output.print(status, () => killStatusText(status, output.colors));
    return EXIT.ok;
  } finally {
    controlPlane.close();
  }
}
