import { type Approve, approve } from '../../../core/tasks/approve.ts';
import type { Caller } from '../../../core/tasks/operate.ts';
import type { Ports } from '../../../core/tasks/ports.ts';
import { undo } from '../../../core/tasks/undo.ts';
import type { Transaction } from '../../../core/transaction.ts';
import { caseNamed } from './action-cases.ts';
import { OPERATOR, type TestWorld } from './world.ts';

/** Who asks for undos in these tests. */
export const ASKER: Caller = { type: 'Operator', id: OPERATOR };
export const ALICE: Caller = { type: 'Operator', id: 'alice' };
export const BOB: Caller = { type: 'Operator', id: 'bob' };

/** What an operator says who looked at the waiting transaction. */
export function seenOf({ id, approval }: Transaction): Approve {
  if (approval === undefined) throw new Error(`${id} waits for nothing`);
  const { planDigest, dryRunDigest } = approval;
  return { id, planDigest, dryRunDigest };
}

/** Approves what waits, as it waits. */
export function approveSeen(
  ports: Ports,
  caller: Caller,
  waiting: Transaction,
): Promise<Transaction> {
  return approve(ports, caller, seenOf(waiting));
}

/** A detached policy, committed, and its undo, which waits for an approval. */
export async function openUndo(
  world: TestWorld,
): Promise<{ readonly done: Transaction; readonly waiting: Transaction; readonly before: string }> {
  const before = world.account.digest();
  const done = await world.proposeAndRun([caseNamed('iam:DetachRolePolicy').step]);
  const waiting = await world.run((await undo(world.ports, ASKER, done.id)).transaction);
  return { done, waiting, before };
}
