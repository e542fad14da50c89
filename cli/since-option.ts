import { InvalidArgumentError } from '@commander-js/extra-typings';
import { SINCE_FORM, sinceOf } from './since.ts';

/** The time that an option of the command line names, epoch milliseconds. */
export function parseSince(text: string): number {
  const since = sinceOf(text, Date.now());
  if (since !== undefined) return since;
  throw new InvalidArgumentError(SINCE_FORM);
}
