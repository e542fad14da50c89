import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { ExitCode } from './exit-codes.ts';
import { type Output, openOutput } from './output.ts';

export const DATA_FOLDER_DEFAULT = '.interlock';

/** What every command gets: the options that all share. */
export interface Invocation {
  /** The data folder, from --data. */
  readonly data: string;
  readonly output: Output;
}

/** Runs the body of a command; what it returns is what the process exits with. */
export async function invoke(
  command: CommandUnknownOpts,
  body: (invocation: Invocation) => Promise<ExitCode>,
): Promise<void> {
  const { data = DATA_FOLDER_DEFAULT, json = false } = command.optsWithGlobals() as {
    data?: string;
    json?: boolean;
  };
  process.exitCode = await body({ data, output: outputOfProcess(json) });
}

/** Stdout and stderr of this process. */
export function outputOfProcess(isJson: boolean): Output {
  const { stdout, stderr, env } = process;
  return openOutput({ isJson, stdout, stderr, environment: env });
}
