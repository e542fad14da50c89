#!/usr/bin/env node
import { CommanderError } from '@commander-js/extra-typings';
import { namedDamage } from '../adapters/embedded/damage.ts';
import { InterlockError, InvalidInputError } from '../core/errors.ts';
import packageJson from '../package.json' with { type: 'json' };
import { COMMANDS } from './commands/index.ts';
import { EXIT, exitCodeOfError } from './exit-codes.ts';
import { outputOfProcess } from './invocation.ts';
import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';

// A reader that closes the pipe early (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  end(new InterlockError('output-failed', `cannot write the output: ${error.code ?? 'unknown'}`));
  process.exit();
});

try {
  await createProgram(packageJson.version, COMMANDS).parseAsync(process.argv);
} catch (error) {
  end(error);
}

function end(error: unknown): void {
  if (error instanceof CommanderError && error.exitCode === 0) return;
  const output = outputOfProcess(process.argv.includes('--json'));
  const known = error instanceof CommanderError ? usageError(error) : damageError(error);
  reportError(output, known);
  process.exitCode = exitCodeOfError(known);
}

/** What SQLite says of a damaged file, wherever a command met it. */
function damageError(error: unknown): unknown {
  return namedDamage('the data folder', error);
}

function usageError({ code, message }: CommanderError): InvalidInputError {
  if (code === 'commander.help')
    return new InvalidInputError('usage', 'a command is missing', {
      hint: 'see `interlock --help`',
    });
  const [first = '', suggestion] = message.replace(/^error: /, '').split('\n');
  return new InvalidInputError('usage', first.replaceAll("'", '`'), {
    hint: hintOf(suggestion) ?? 'see `interlock --help`',
  });
}

/** Commander's `(Did you mean list?)`, as our hints are written. */
function hintOf(suggestion: string | undefined): string | undefined {
  const [, meant] = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(suggestion ?? '') ?? [];
  return meant === undefined ? undefined : `did you mean \`${meant}\`?`;
}
