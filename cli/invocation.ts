import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { ExitCode } from './exit-codes.ts';
import { type Output, openOutput } from './output.ts';

export const DATA_FOLDER_DEFAULT = '.interlock';

/** What every command gets: the options that all share. */
export interface Invocation {
  /** The data folder, from --data. */
  readonly data: string;
  readonly output: Output;
  /** The control plane elsewhere, from --endpoint; only some commands have the option. */
  readonly remote?: Remote;
}

/** A control plane elsewhere, and as whom to call it. */
export interface Remote {
  readonly endpoint: string;
  readonly token?: string;
  readonly profile?: string;
  readonly region?: string;
}

/** Runs the body of a command; what it returns is what the process exits with. */
export async function invoke(
  command: CommandUnknownOpts,
  body: (invocation: Invocation) => Promise<ExitCode>,
): Promise<void> {
  const options = command.optsWithGlobals() as Partial<Remote> & { data?: string; json?: boolean };
  const { data = DATA_FOLDER_DEFAULT, json = false } = options;
  const remote = remoteOf(options);
  process.exitCode = await body({
    data,
    output: outputOfProcess(json),
    ...(remote === undefined ? {} : { remote }),
  });
}

/** Adds the options of a command that also works on a control plane elsewhere. */
export function reachable(command: CommandUnknownOpts): void {
  command
    .option('--endpoint <url>', 'the control plane at this address instead of the data folder')
    .option('--token <token>', 'with --endpoint: who calls; better in INTERLOCK_TOKEN')
    .option('--profile <name>', 'with --endpoint: sign with this AWS profile')
    .option('--region <region>', 'with --endpoint: sign for this AWS region');
}

function remoteOf({ endpoint, profile, region, ...options }: Partial<Remote>): Remote | undefined {
  if (endpoint === undefined) return undefined;
  const isSigned = profile !== undefined || region !== undefined;
  const token = options.token ?? (isSigned ? undefined : process.env['INTERLOCK_TOKEN']);
  return {
    endpoint,
    ...(token === undefined ? {} : { token }),
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
  };
}

/** Stdout and stderr of this process. */
export function outputOfProcess(isJson: boolean): Output {
  const { stdout, stderr, env } = process;
  return openOutput({ isJson, stdout, stderr, environment: env });
}
