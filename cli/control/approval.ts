import { InvalidInputError } from '../../core/errors.ts';
import type { Standing } from './control.ts';

/** The digests of what somebody has looked at. Throws `InvalidInputError`
 * (`not-awaiting-approval`). */
export function seenOf({ id, status, approval }: Standing): {
  readonly planDigest: string;
  readonly dryRunDigest: string;
} {
  if (status !== 'awaiting-approval' || approval === undefined)
    throw new InvalidInputError('not-awaiting-approval', `\`${id}\` is \`${status}\``, {
      hint: 'only what waits for an approval is approved or refused, and only once',
    });
  const { planDigest, dryRunDigest } = approval;
  return { planDigest, dryRunDigest };
}
