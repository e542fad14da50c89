import { APPROVAL_MS, validGiven } from '../approval.ts';
import type { InterlockError } from '../errors.ts';
import { DeniedError, HaltedError, InvalidInputError, StaleStateError } from '../errors.ts';
import { scopesOf } from '../ports/kill-switch.ts';
import type { Approval, GivenApproval, Transaction } from '../transaction.ts';
import { commit } from './context.ts';
import { finish } from './finish.ts';
import { requireReason } from './halt.ts';
import { actorOf, type Caller, type Operation, openOperation, refuseAct } from './operate.ts';
import type { Ports } from './ports.ts';
import { obstacle } from './stop.ts';

/** What an operator has looked at and says yes to: the digests of the waiting transaction. */
export interface Approve {
  readonly id: string;
  readonly planDigest: string;
  readonly dryRunDigest: string;
}

/**
 * What somebody approves who has seen a transaction as it waits. Throws `InvalidInputError`
 * (`not-awaiting-approval`).
 */
export function waitingFor(seen: Transaction): Approve {
  const { planDigest, dryRunDigest } = requireWaiting(seen);
  return { id: seen.id, planDigest, dryRunDigest };
}

/**
 * Gives one operator's approval to a waiting transaction, durably, as evidence. With the last one
 * needed the transaction is `proposed` again: the caller starts an execution, and the reconciler
 * does when the caller is gone; its preflight repeats the dry run, which must be the approved one.
 *
 * Refused, with a record in the control stream, and without a change: `DeniedError`
 * (`self-approval` by the principal that proposed; what policy denies), `HaltedError` unless the
 * kill switch is at `running`. Not recorded: `InvalidInputError` (`not-awaiting-approval`,
 * `already-approved` by this operator, `approval-mismatch` for digests other than the waiting
 * ones), `CancelledError`, `ExpiredError`, `NotFoundError`.
 */
export function approve(ports: Ports, caller: Caller, wanted: Approve): Promise<Transaction> {
  return again(async () => {
    const act = { action: 'transaction:Approve', id: wanted.id } as const;
    const operation = await openOperation(ports, caller, act);
    const waiting = requireWaiting(operation.transaction);
    const refusal = await refusalOf(operation, caller);
    if (refusal !== undefined)
      return refuseAct(
        { ports: operation.ports, ...operation.observing },
        { caller, act, denial: refusal },
      );
    const against = await obstacle(operation);
    if (against !== undefined) throw against;
    requireSame(waiting, wanted, operation);
    return give(operation, caller, waiting);
  });
}

/** Why an operator says no, for the evidence. */
export interface Refuse {
  readonly id: string;
  readonly reason: string;
}

/**
 * Ends a transaction that waits for an approval as `rejected`, code `approval-refused`, also under
 * the kill switch and also for who proposed it; the caller starts an execution, which seals it.
 * Throws `InvalidInputError` (`not-awaiting-approval`, `invalid-reason`), `DeniedError`.
 */
export async function refuse(ports: Ports, caller: Caller, wanted: Refuse): Promise<Transaction> {
  requireReason(wanted.reason);
  return again(async () => {
    const act = { action: 'transaction:Refuse', id: wanted.id } as const;
    const operation = await openOperation(ports, caller, act);
    const { transaction, decision } = operation;
    requireWaiting(transaction);
    const by = actorOf(caller);
    const { reason } = wanted;
    await finish(operation, {
      status: 'rejected',
      reason: {
        code: 'denied',
        detail: 'approval-refused',
        message: `refused by ${by}: ${reason}`,
      },
      records: [{ kind: 'refused', actor: by, data: { by, reason, decision } }],
    });
    return loaded(ports, transaction);
  });
}

/** Once more when another operator was faster: what is there now decides. */
async function again(run: () => Promise<Transaction>): Promise<Transaction> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof StaleStateError)) throw error;
    return run();
  }
}

function requireWaiting({ id, status, approval }: Transaction): Approval {
  if (status === 'awaiting-approval' && approval !== undefined) return approval;
  throw new InvalidInputError('not-awaiting-approval', `\`${id}\` is \`${status}\``, {
    hint: 'only what waits for an approval is approved or refused, and only once',
  });
}

/** What refuses this operator or everybody, or undefined. */
async function refusalOf(
  { ports, transaction }: Operation,
  caller: Caller,
): Promise<InterlockError | undefined> {
  const { actor, agent, plan } = transaction;
  if (caller.type !== 'Operator' || actorOf(caller) === actor)
    return new DeniedError('self-approval', `\`${actor}\` proposed it and cannot approve it`, {
      hint: 'another operator approves: another user of this machine, or another API token',
    });
  for (const action of [undefined, ...new Set(plan.steps.map((step) => step.action))]) {
    const mode = await ports.killSwitch.effective(scopesOf(agent, action));
    if (mode !== 'running')
      return new HaltedError(mode, `the kill switch is at \`${mode}\`: nothing is approved`, {
        hint: 'see `interlock kill status`; the transaction waits on until its deadline',
      });
  }
  return undefined;
}

function requireSame(waiting: Approval, wanted: Approve, { ports }: Operation): void {
  if (waiting.planDigest !== wanted.planDigest || waiting.dryRunDigest !== wanted.dryRunDigest)
    throw new InvalidInputError(
      'approval-mismatch',
      'the approval is for another plan or dry run',
      {
        hint: `look at it again: \`interlock tx show ${wanted.id}\``,
      },
    );
  if (waiting.policySetDigest !== ports.decisionPoint.policySetDigest)
    throw new DeniedError('approval-policy-changed', 'the policies are not those that asked', {
      hint: 'cancel it and propose again',
    });
}

async function give(operation: Operation, caller: Caller, waiting: Approval): Promise<Transaction> {
  const { ports, transaction, decision } = operation;
  const { planDigest, dryRunDigest, policySetDigest, needed } = waiting;
  const now = ports.clock.now();
  const by = actorOf(caller);
  const valid = validGiven(waiting, now);
  if (valid.some((one) => one.by === by))
    throw new InvalidInputError('already-approved', `\`${by}\` has approved it already`, {
      hint: `it waits for ${needed} different operators, ${valid.length} have approved`,
    });
  const latest = transaction.createdAt + transaction.plan.deadlineMs;
  const expiresAt = Math.min(latest, now + (ports.timing.approvalMs ?? APPROVAL_MS));
  const one: GivenApproval = { by, at: now, expiresAt };
  const given = [...valid, one];
  const isGranted = given.length >= needed;
  const approval = { ...waiting, given, ...(isGranted ? { grantedAt: now } : {}) };
  const { cursor } = transaction;
  await commit(operation, {
    now,
    update: { cursor, approval, ...(isGranted ? { status: 'proposed' } : {}) },
    records: [
      {
        kind: 'approved',
        actor: by,
        data: { by, expiresAt, planDigest, dryRunDigest, policySetDigest, decision },
      },
    ],
  });
  await ports.store.barrier();
  return loaded(ports, transaction);
}

async function loaded({ store }: Pick<Ports, 'store'>, { id }: Transaction): Promise<Transaction> {
  return (await store.load(id)) as Transaction;
}
