import { createInterface } from 'node:readline/promises';
import { CancelledError, InvalidInputError } from '../core/errors.ts';
import { EXIT } from './exit-codes.ts';
import type { Output } from './output.ts';

/**
 * Asks before something that cannot simply be taken back. Returns when the answer is yes, or with
 * --yes at once. Throws `InvalidInputError` (`confirmation-needed`) where nobody can be asked, and
 * `CancelledError` (`not-confirmed`) when the answer is anything else.
 */
export async function confirm(
  output: Output,
  question: string,
  isConfirmed: boolean,
): Promise<void> {
  if (isConfirmed) return;
  if (!output.isInteractive || process.stdin.isTTY !== true)
    throw new InvalidInputError('confirmation-needed', 'this needs a confirmation', {
      hint: 'pass --yes, or run the command on a terminal',
    });
  if (/^y(es)?$/i.test((await ask(question)).trim())) return;
  throw new CancelledError('not-confirmed', 'nothing was done');
}

/** The answer of the person; empty when the input ends. Ctrl-C ends the process: nothing was done. */
async function ask(question: string): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  prompt.on('SIGINT', () => {
    process.stderr.write('\n');
    process.exit(EXIT.interrupted);
  });
  try {
    return await prompt.question(`${question} [y/N] `);
  } catch {
    process.stderr.write('\n');
    return '';
  } finally {
    prompt.close();
  }
}
