import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { COMMANDS } from '../../cli/commands/index.ts';
import { createProgram } from '../../cli/program.ts';

// Prints what every command says of itself, as JSON; one process instead of one a command.
const pages = leavesOf(createProgram('0.0.0', COMMANDS), []).map(({ path, command }) => {
  let help = '';
  command.configureOutput({
    writeOut(text) {
      help += text;
    },
  });
  command.outputHelp();
  return { name: path.join(' '), help, options: command.options.map(({ long }) => long) };
});
process.stdout.write(JSON.stringify(pages));

interface Leaf {
  readonly path: readonly string[];
  readonly command: CommandUnknownOpts;
}

function leavesOf(command: CommandUnknownOpts, path: readonly string[]): readonly Leaf[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((one) => leavesOf(one, [...path, one.name()]));
}
