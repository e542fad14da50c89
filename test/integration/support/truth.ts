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
  const places = { before: digests[0], 'full result': digests.at(-1) } as const;
  const digest = world.account.digest();
  const { status, reason } = transaction;
  const claimed = claimOf(status);
  // A plan that takes itself back has one digest for both.
  const isTrue = claimed === undefined || digest === places[claimed];
  const other = digest === places.before ? 'before' : 'between, or the full result';
  const found = isTrue ? claimed : other;
  expect({ status, reason, account: found }).toEqual({ status, reason, account: claimed });
  await expectLocks(world, transaction);
  await expectEvidence(world, transaction);
}

/** What a final status says of the account; stuck says nothing. */
function claimOf(status: Transaction['status']): 'before' | 'full result' | undefined {
  switch (status) {
    case 'committed':
      return 'full result';
    case 'rejected':
    case 'compensated':
      return 'before';
    case 'stuck':
      return undefined;
    default:
      throw new Error(`\`${status}\` is not final`);
  }
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
