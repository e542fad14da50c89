import { createInterface } from 'node:readline/promises';
import { CancelledError, InvalidInputError } from '../core/errors.ts';
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
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    prompt.close();
  }
  throw new CancelledError('not-confirmed', 'nothing was done');
}
