import { InvalidInputError } from '../errors.ts';
import type { Resolution, Transaction } from '../transaction.ts';
import { commit } from './context.ts';
import { requireReason } from './halt.ts';
import { actorOf, type Caller, openOperation } from './operate.ts';
import type { Ports } from './ports.ts';

/** What an operator says about a stuck transaction. */
export interface Resolve {
  readonly id: string;
  readonly as: Resolution['as'];
  readonly reason: string;
}

/**
 * Ends a stuck transaction: its locks are released and evidence says by whom and why. Its status
 * stays `stuck`; the caller starts an execution that seals it anew. Throws `InvalidInputError`
 * (`not-stuck`; `in-flight` while a claimed call may still land).
 */
export async function resolve(ports: Ports, caller: Caller, wanted: Resolve): Promise<Transaction> {
  requireReason(wanted.reason);
  const operation = await openOperation(ports, caller, {
    action: 'transaction:Resolve',
    id: wanted.id,
  });
  const { transaction, decision } = operation;
  if (transaction.status !== 'stuck' || transaction.resolution !== undefined)
    throw new InvalidInputError('not-stuck', `\`${wanted.id}\` is not stuck`);
  await requireLanded(operation.ports, transaction);
  const by = actorOf(caller);
  const { as, reason } = wanted;
  const resolution: Resolution = { as, reason, by, at: operation.ports.clock.now() };
  const { cursor } = transaction;
  const done = await commit(operation, {
    // INVARIANT: the cursor moves, so that a seal that is being made of the records of before is stale.
    update: {
      cursor: { ...cursor, phase: 'seal', attempt: cursor.attempt + 1 },
      sealed: false,
      resolution,
    },
    records: [{ kind: 'resolved', actor: by, data: { as, reason, by, decision } }],
    writes: [{ write: 'unlock' }],
  });
  await ports.store.barrier();
  return done.transaction;
}

/** Locks are released only when nothing can happen any more to what they guard. */
async function requireLanded({ store, clock, timing }: Ports, { id }: Transaction): Promise<void> {
  const open = (await store.claims(id)).filter((one) => one.answer === undefined);
  const leftMs =
    Math.max(0, ...open.map((one) => one.effectDeadline)) + timing.skewMs - clock.now();
  if (open.length === 0 || leftMs <= 0) return;
  throw new InvalidInputError('in-flight', `a call of \`${id}\` may still land`, {
    hint: `try again in ${Math.ceil(leftMs / 1000)} s`,
  });
}
