import { DeniedError } from '../../core/errors.ts';
import { refusedRecord } from '../../core/tasks/control.ts';
import { observe } from '../../core/tasks/observe.ts';
import { actorOf } from '../../core/tasks/operate.ts';
import type { Ports } from '../../core/tasks/ports.ts';
import type { RouteContext } from '../context.ts';

/**
 * The name of the operator who calls. Throws `DeniedError` (`operators-only`) for an agent, with a
 * record of what it tried.
 */
export async function requireOperator(
  ports: Ports,
  context: RouteContext,
  { call, transactionId }: { readonly call: string; readonly transactionId?: string },
): Promise<string> {
  const caller = context.get('caller');
  if (caller.type === 'Operator') return caller.id;
  const error = new DeniedError('operators-only', 'this is for operators');
  const subject = transactionId === undefined ? {} : { transactionId };
  const refusal = { actor: actorOf(caller), call, subject, error };
  await ports.store.appendControl(refusedRecord(observe(ports), refusal));
  await ports.store.barrier();
  throw error;
}
