import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { DATA_FOLDER_DEFAULT } from './invocation.ts';

/** Adds one command, or one group of commands, to the program. */
export type AddCommand = (program: CommandUnknownOpts) => void;

/** The `interlock` program over a list of commands. */
export function createProgram(
  version: string,
  commands: readonly AddCommand[],
): CommandUnknownOpts {
  const program = new Command('interlock')
    .description('Runs the plans of AI agents as transactions: decided, all or nothing, proven.')
    .version(version)
    .option('--data <dir>', 'the data folder', DATA_FOLDER_DEFAULT)
    .option('--json', 'print JSON on stdout, and errors as JSON on stderr')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  // Commander's own message is replaced by the one form that all errors have.
  program.configureOutput({
    outputError: () => {},
    writeErr(text) {
      if (!process.argv.includes('--json')) process.stderr.write(text);
    },
  });
  for (const add of commands) add(program);
  return program;
}
