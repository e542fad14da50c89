import { expect } from '@jest/globals';
import type { StepDraft } from '../../../core/action.ts';
import type { Transaction } from '../../../core/transaction.ts';
import { digestsAlong, type TestWorld } from './world.ts';

/**
 * Holds a final status against the account itself: `committed` is the full result, `rejected` and
 * `compensated` are the account of before. Locks are gone unless it is stuck; evidence verifies.
 */
export async function expectTruthful(
  world: TestWorld,
  transaction: Transaction,
  steps: readonly StepDraft[],
): Promise<void> {
  const digests = await digestsAlong(steps);
  const digest = world.account.digest();
  const found =
    digest === digests.at(-1) ? 'full result' : digest === digests[0] ? 'before' : 'between';
  const claims: Readonly<Record<string, string>> = {
    committed: 'full result',
    rejected: 'before',
    compensated: 'before',
    stuck: found,
  };
  const { status, reason } = transaction;
  expect({ status, reason, account: found }).toEqual({ status, reason, account: claims[status] });
  await expectLocks(world, transaction);
  await expectEvidence(world, transaction);
}

/** Stuck keeps its locks, every other end has released them. */
export async function expectLocks(world: TestWorld, transaction: Transaction): Promise<void> {
  const { id, status, prepared = [] } = transaction;
  const resources = [...new Set(prepared.flatMap((one) => one.resources))];
  for (const resource of resources) {
    const holder = await world.ports.store.lockHolder(resource);
    expect([resource, holder === id]).toEqual([resource, status === 'stuck']);
  }
}

/** All four checks of the evidence hold. */
export async function expectEvidence(world: TestWorld, transaction: Transaction): Promise<void> {
  const verdict = await world.verifyEvidence(transaction.id);
  expect(verdict).toMatchObject({
    ok: true,
    integrity: { ok: true },
    signer: { ok: true },
    complete: { ok: true },
    outcome: { ok: true },
  });
}
