import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EMBEDDED_TIMING } from '../../adapters/embedded/control-plane.ts';
import { bundleOf } from '../../api/view/bundle-of.ts';
import { CloudRefusedError, EvidenceError } from '../../core/errors.ts';
import { type Bundle, bundleBytes, parseBundle } from '../../core/evidence/index.ts';
import { TASKS } from '../../core/tasks/index.ts';
import { streamOf, type Transaction } from '../../core/transaction.ts';
import { logged, logKey } from '../unit/evidence/support/log.ts';
import { mutateBundle, verdictOf } from '../unit/evidence/support/mutations.ts';
import { ACTION_CASES } from './support/action-cases.ts';
import { policyArnOf } from './support/small-account.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const FIVE = ACTION_CASES.filter(({ id }) => id.includes('Role'))
  .filter(({ id }) => id !== 'iam:DeleteRolePermissionsBoundary')
  .map(({ step }) => step);
const LAST = 'iam:DetachRolePolicy';
/** Every how many-th change is tried here; the unit tests try all, on told stories. */
const STRIDE = 20;

const isWide = ({ input }: { readonly input: object }): boolean =>
  JSON.stringify(input).includes(policyArnOf('wide'));

let world: TestWorld;

const exportOf = ({ id }: Transaction): Promise<Bundle> => bundleOf(world.ports, streamOf(id));

beforeEach(() => {
  world = openTestWorld();
});

afterEach(() => world.close());

describe('the evidence that the engine writes', () => {
  const OUTCOMES = [
    ['committed', false],
    ['compensated', true],
  ] as const;

  test.each(OUTCOMES)('of a %s transaction shows every change', async (status, isRefused) => {
    world.hooks.onCall = async (request, session, call) => {
      if (isRefused && session.isEffect && request.operation === LAST && isWide(request))
        throw new CloudRefusedError('LimitExceeded', 'refused');
      return call();
    };
    const transaction = await world.proposeAndRun(FIVE.slice(-2));
    const { bundle, pinned } = logged(await exportOf(transaction));
    const trust = { trustedKeyIds: [logKey.keyId], checkpoint: pinned };

    let killed = 0;
    let index = 0;
    const survivors: string[] = [];
    for (const { name, bytes } of mutateBundle(bundle)) {
      index += 1;
      if (index % STRIDE !== 0) continue;
      if (verdictOf(bytes, trust).ok) survivors.push(name);
      else killed += 1;
    }

    process.stderr.write(
      `engine evidence mutations (${status}): killed ${killed} / ${killed + survivors.length}, ` +
        `one in ${STRIDE} of ${index}\n`,
    );
    expect(transaction.status).toBe(status);
    expect(verdictOf(bundleBytes(bundle), trust)).toEqual({ ok: true, reason: 'verified' });
    expect(survivors).toEqual([]);
    expect(killed).toBeGreaterThan(200);
  });

  test('has the same bytes each time it is exported', async () => {
    const transaction = await world.proposeAndRun(FIVE.slice(0, 1));

    const bytes = bundleBytes(await exportOf(transaction));

    expect(bundleBytes(await exportOf(transaction))).toEqual(bytes);
    expect(bundleBytes(parseBundle(bytes))).toEqual(bytes);
  });

  test('is signed once a transaction', async () => {
    const transaction = await world.proposeAndRun(FIVE);

    const seals = await world.ports.store.seals(streamOf(transaction.id));

    expect(seals).toHaveLength(1);
    expect(seals[0]?.treeSize).toBe(transaction.nextSeq);
  });
});

describe('the seal', () => {
  test('is refused when a decision row differs from its record', async () => {
    const transaction = await world.propose(FIVE.slice(0, 1));
    const refusals: unknown[] = [];

    const ended = await world.run(transaction, {
      ...TASKS,
      async Seal(ports, state) {
        const [decision] = await ports.store.decisions(state.transactionId);
        const other = { ...decision, policySetDigest: 'f'.repeat(64) } as NonNullable<
          typeof decision
        >;
        const store = { ...ports.store, decisions: async () => [other] };
        try {
          return await (TASKS['Seal'] as (typeof TASKS)[string])({ ...ports, store }, state);
        } catch (error) {
          refusals.push(error);
          throw error;
        }
      },
    });

    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toBeInstanceOf(EvidenceError);
    expect(refusals[0]).toMatchObject({ code: 'decision-mismatch' });
    expect(ended).toMatchObject({ status: 'committed', sealed: false });
    expect(await world.ports.store.seals(streamOf(transaction.id))).toEqual([]);
  });

  test('that failed is made by the next execution; the outcome did not wait for it', async () => {
    const transaction = await world.propose(FIVE.slice(0, 1));
    const outage = async (): Promise<never> => Promise.reject(new Error('no signature'));

    const unsealed = await world.run(transaction, { ...TASKS, Seal: outage });
    await world.clock.sleep(EMBEDDED_TIMING.leaseMs + 1);
    const [lost] = await world.controlPlane.lost();
    const sealed = await world.run(lost as Transaction);

    expect(unsealed).toMatchObject({ status: 'committed', sealed: false });
    expect(sealed).toMatchObject({ status: 'committed', sealed: true });
    expect((await world.verifyEvidence(transaction.id)).ok).toBe(true);
    expect(await world.controlPlane.lost()).toEqual([]);
  });
});
