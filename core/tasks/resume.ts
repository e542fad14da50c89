import { InvalidInputError } from '../errors.ts';
import type { Transaction } from '../transaction.ts';
import { type Caller, findFor } from './operate.ts';
import type { Ports } from './ports.ts';

/**
 * A parked transaction that may go on: its caller starts an execution, which stops again where the
 * kill switch still says so. Throws `NotFoundError`, `InvalidInputError` (`not-parked`).
 */
export async function resumable(
  ports: Pick<Ports, 'store'>,
  caller: Caller,
  id: string,
): Promise<Transaction> {
  const transaction = await findFor(ports, caller, id);
  if (transaction.status === 'parked') return transaction;
  throw new InvalidInputError('not-parked', `\`${id}\` is \`${transaction.status}\``, {
    hint: 'only what the kill switch has parked waits to be resumed',
  });
}
