import { InvalidArgumentError } from '@commander-js/extra-typings';
import { SINCE_FORM, sinceOf } from './since.ts';

/** The value of `--since`, epoch milliseconds. Throws `InvalidArgumentError`. */
export function parseSince(text: string): number {
  const since = sinceOf(text, Date.now());
  if (since !== undefined) return since;
  throw new InvalidArgumentError(SINCE_FORM);
}
