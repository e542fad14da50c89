import { InvalidInputError } from '../errors.ts';
import { isFinal, type Transaction } from '../transaction.ts';
import { actorOf, type Caller, openOperation } from './operate.ts';
import type { Ports } from './ports.ts';

/**
 * Asks for a transaction to end. What it has done is compensated by its runner at the next step.
 * Durable when it returns. Throws `InvalidInputError` (`already-final`) when it has ended.
 */
export async function cancel(ports: Ports, caller: Caller, id: string): Promise<Transaction> {
  const { transaction } = await openOperation(ports, caller, { action: 'transaction:Cancel', id });
  if (isFinal(transaction.status))
    throw new InvalidInputError('already-final', `\`${id}\` is \`${transaction.status}\` already`, {
      hint: 'a committed transaction is undone by `interlock tx undo`',
    });
  await ports.store.cancel(id, actorOf(caller), ports.clock.now());
  await ports.store.barrier();
  return transaction;
}
