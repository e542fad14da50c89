import { InvalidInputError } from '../errors.ts';
import { DEADLINE_MS_MAX, type Plan } from '../plan.ts';
import type { Transaction } from '../transaction.ts';
import { actorOf, type Caller, findFor } from './operate.ts';
import type { Ports } from './ports.ts';
import { type Proposed, propose } from './propose.ts';
import { preparedStep } from './step.ts';

/**
 * Proposes the undo of a committed transaction: a new transaction of the recorded inverses, the
 * last step first, which waits for another operator's approval since it may widen. Undoing twice is
 * one transaction for one caller; of those of two callers the second to be approved has drifted.
 * Throws `InvalidInputError` (`not-committed`, `nothing-to-undo`).
 */
export async function undo(ports: Ports, caller: Caller, id: string): Promise<Proposed> {
  const transaction = await findFor(ports, caller, id);
  if (transaction.status !== 'committed')
    throw new InvalidInputError('not-committed', `\`${id}\` is \`${transaction.status}\``, {
      hint: 'only a committed transaction can be undone',
    });
  const plan = inversePlan(ports, transaction);
  const actor = actorOf(caller);
  return propose(ports, { plan, actor, idempotencyKey: `undo:${id}`, undoOf: id });
}

function inversePlan(ports: Ports, transaction: Transaction): Plan {
  const { agent, target } = transaction.plan;
  // The deadline counts from now, and a person has to look at it first.
  const deadlineMs = DEADLINE_MS_MAX;
  const steps = transaction.plan.steps
    .flatMap((_, stepIndex) => {
      const view = preparedStep(ports, transaction, stepIndex);
      const inverse = view.action.inverse(view.target, view.input, view.prepared.before);
      return inverse === undefined ? [] : [{ id: `undo-${stepIndex + 1}`, ...inverse }];
    })
    .reverse();
  if (steps.length === 0)
    throw new InvalidInputError('nothing-to-undo', `\`${transaction.id}\` changed nothing`);
  return { agent, target, deadlineMs, purpose: `undo of ${transaction.id}`, steps };
}
