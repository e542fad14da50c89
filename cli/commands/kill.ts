import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import type { KillMode, KillSetting } from '../../core/ports/kill-switch.ts';
import { openControl } from '../control/control.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type Invocation, invoke, reachable } from '../invocation.ts';
import type { AddCommand } from '../program.ts';

/** `interlock kill ...`: the kill switch. */
export const addKill: AddCommand = (program) => {
  const kill = program.command('kill').description('stop agents, and let them go on');
  addStatus(kill);
  addEngage(kill);
  addRelease(kill);
};

function addStatus(kill: CommandUnknownOpts): void {
  const command = kill
    .command('status')
    .description('show the kill switch')
    .addHelpText('after', '\nExample:\n  $ interlock kill status --json')
    .action((_, command) =>
      invoke(command, async (invocation) => {
        const { output } = invocation;
        const { killStatusText } = await import('../view/kill-status.ts');
        const control = await openControl(invocation);
        try {
          const status = await control.killStatus();
          output.print(status, () => killStatusText(status, output.colors));
          return EXIT.ok;
        } finally {
          await control.close();
        }
      }),
    );
  reachable(command);
}

function addEngage(kill: CommandUnknownOpts): void {
  const command = kill
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
  reachable(command);
}

function addRelease(kill: CommandUnknownOpts): void {
  const command = kill
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
  reachable(command);
}

interface Move extends Pick<KillSetting, 'scope' | 'reason'> {
  readonly mode: KillMode;
  readonly isConfirmed: boolean;
}

async function move(invocation: Invocation, wanted: Move): Promise<ExitCode> {
  const { confirm } = await import('../confirm.ts');
  const { killStatusText } = await import('../view/kill-status.ts');
  const { output } = invocation;
  const { mode, scope, reason, isConfirmed } = wanted;
  const control = await openControl(invocation);
  try {
    await confirm(output, `set \`${scope}\` to \`${mode}\`?`, isConfirmed);
    const status = await control.moveKillSwitch({ scope, mode, reason });
    output.print(status, () => killStatusText(status, output.colors));
    return EXIT.ok;
  } finally {
    await control.close();
  }
}
