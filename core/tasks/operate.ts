import { type TransactionAct, transactionRequest } from '../authorization.ts';
import { type InterlockError, NotFoundError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { isDryRun, type Transaction } from '../transaction.ts';
import { answerData, denialOf } from './authorize.ts';
import type { TaskContext } from './context.ts';
import { refusedRecord } from './control.ts';
import { type ObservedPorts, observe } from './observe.ts';
import type { Ports } from './ports.ts';

/** A named principal that acts on a transaction from outside. */
export interface Caller {
  readonly type: 'Operator' | 'Agent';
  readonly id: string;
}

/** A permitted act of an operator or agent on one transaction. */
export interface Operation extends TaskContext {
  /** The answer of the decision point, for the record. */
  readonly decision: JsonObject;
}

/** What a caller wants to do to which transaction. */
export interface Act {
  readonly action: TransactionAct;
  readonly id: string;
}

/**
 * Loads a transaction for a caller who may act on it. Throws `NotFoundError` for one that does not
 * exist or belongs to another agent, `DeniedError` with a record of the refusal.
 */
export async function openOperation(ports: Ports, caller: Caller, act: Act): Promise<Operation> {
  const transaction = await findFor(ports, caller, act.id);
  const observed = observe(ports);
  const answer = await observed.ports.decisionPoint.decide(
    transactionRequest({
      by: caller,
      action: act.action,
      transactionId: transaction.id,
      agent: transaction.agent,
      accountId: transaction.plan.target.accountId,
    }),
  );
  const denial = denialOf(answer);
  if (denial !== undefined) return refuseAct(observed, { caller, act, denial });
  const { ports: observedPorts, ...observing } = observed;
  return { ports: observedPorts, transaction, observing, decision: answerData(answer) };
}

/** A transaction as one caller may see it: an agent sees its own. */
export async function findFor(
  ports: Pick<Ports, 'store'>,
  caller: Caller,
  id: string,
): Promise<Transaction> {
  const transaction = await ports.store.load(id);
  const isVisible = caller.type === 'Operator' || transaction?.agent === caller.id;
  if (transaction !== undefined && isVisible && !isDryRun(id)) return transaction;
  throw new NotFoundError('transaction-not-found', `there is no transaction \`${id}\``, {
    hint: 'see `interlock tx list`',
  });
}

/** How a caller is named in evidence. */
export function actorOf({ type, id }: Caller): string {
  return type === 'Operator' ? `operator:${id}` : `agent:${id}`;
}

/** Records in the control stream that an act was refused, durably, and throws why. */
export async function refuseAct(
  observed: ObservedPorts,
  refusal: { readonly caller: Caller; readonly act: Act; readonly denial: InterlockError },
): Promise<never> {
  const { caller, act, denial } = refusal;
  const record = refusedRecord(observed, {
    actor: actorOf(caller),
    call: act.action,
    subject: { transactionId: act.id },
    error: denial,
  });
  await observed.ports.store.appendControl(record);
  await observed.ports.store.barrier();
  throw denial;
}
