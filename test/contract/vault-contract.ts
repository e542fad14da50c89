import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvariantError, StaleStateError } from '../../core/errors.ts';
import type { Cloud, CloudRequest } from '../../core/ports/cloud.ts';
import type { SessionRequest } from '../../core/ports/vault.ts';
import { authorize } from '../../core/tasks/authorize.ts';
import { preflight } from '../../core/tasks/preflight.ts';
import type { Claim } from '../../core/transaction.ts';
import { ACTION_CASES, caseNamed } from '../integration/support/action-cases.ts';
import { ROLE_NAME, USER_NAME } from '../integration/support/small-account.ts';
import type { TestWorld } from '../integration/support/world.ts';
import { write } from './store-samples.ts';

/** On a clock that stands still while anything runs. */
const VIRTUAL = { effectMs: 5000, marginMs: 1 };
const STEPS = ['iam:DeleteRolePolicy', 'iam:DetachUserPolicy'].map((id) => caseNamed(id).step);
const OWN: CloudRequest = {
  operation: 'iam:DeleteRolePolicy',
  input: { RoleName: ROLE_NAME, PolicyName: 'old' },
};
const GET_ROLE: CloudRequest = { operation: 'iam:GetRole', input: { RoleName: ROLE_NAME } };
const GET_USER: CloudRequest = { operation: 'iam:GetUser', input: { UserName: USER_NAME } };
/** Every change that there is a case of. */
const CHANGES: readonly CloudRequest[] = ACTION_CASES.map(({ step }) => ({
  operation: step.action,
  input: step.input,
}));

const codeOf = (cloud: Cloud, request: CloudRequest): Promise<string> =>
  cloud.call(request).then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
const operationsDone = async (cloud: Cloud, requests: readonly CloudRequest[]) => {
  const done: string[] = [];
  for (const request of requests)
    if ((await codeOf(cloud, request)) !== 'AccessDenied') done.push(request.operation);
  return done;
};

/**
 * What every vault promises; `open` gives a world whose ports hold the vault. A claim lasts
 * `effectMs`, and its session is tried `marginMs` before its end.
 */
export function vaultContract(
  name: string,
  open: () => TestWorld | Promise<TestWorld>,
  { effectMs, marginMs }: typeof VIRTUAL = VIRTUAL,
): void {
  describe(`the vault: ${name}`, () => {
    let world: TestWorld;
    let request: SessionRequest;
    const start = (epoch: number) =>
      world.ports.store.start({
        transactionId: request.transactionId,
        epoch,
        owner: 'test:1:vault',
        leaseUntil: 0,
      });
    beforeEach(async () => {
      world = await open();
      const { id: transactionId } = await world.propose(STEPS);
      request = { transactionId, epoch: 1, stepIndex: 0 };
      await start(0);
    });
    afterEach(() => world.close());

    const prepare = () => preflight(world.ports, { ...request, next: 'preflight' });
    /** Claims the first step, as Execute does. */
    const claim = async (changed: Partial<Claim> = {}): Promise<Claim> => {
      const { store, clock } = world.ports;
      await prepare();
      await authorize(world.ports, { ...request, next: 'authorize' });
      const [decision] = await store.decisions(request.transactionId);
      if (decision === undefined) throw new Error('there is no decision');
      const { id: decisionId, beforeDigest, transactionId } = decision;
      const made: Claim = {
        ...{ transactionId, decisionId, beforeDigest, stepIndex: 0, kind: 'apply', attempt: 1 },
        ...{ epoch: 1, attemptId: 'attempt-1', effectDeadline: clock.now() + effectMs },
        ...changed,
      };
      const now = clock.now();
      await write(store, transactionId, { write: 'claim', claim: made, now, expected: decision });
      return made;
    };
    const effect = (changed: Partial<SessionRequest & { attemptId: string }> = {}) =>
      world.ports.vault.effect({ ...request, attemptId: 'attempt-1', ...changed });

    it.each([
      ['an older epoch', { epoch: 0 }],
      ['an epoch that is not there yet', { epoch: 2 }],
      ['a transaction that is not there', { transactionId: 'tx-0' }],
    ])('gives nothing to %s', async (_who, changed) => {
      await claim();
      const wanted = { ...request, ...changed };
      const { vault } = world.ports;

      await expect(vault.locate(wanted)).rejects.toThrow(StaleStateError);
      await expect(vault.read(wanted)).rejects.toThrow(StaleStateError);
      await expect(effect(changed)).rejects.toThrow(StaleStateError);
    });

    it('lets preflight read what it must find, and change nothing', async () => {
      const cloud = await world.ports.vault.locate(request);

      expect(await operationsDone(cloud, [GET_ROLE, GET_USER, ...CHANGES])).toEqual([
        'iam:GetRole',
        'iam:GetUser',
      ]);
    });

    it('locates nothing after preflight, and reads nothing before', async () => {
      await expect(world.ports.vault.read(request)).rejects.toThrow(InvariantError);

      await prepare();

      await expect(world.ports.vault.locate(request)).rejects.toThrow(StaleStateError);
    });

    it('reads for a step what the step is about, and no other', async () => {
      await prepare();
      const [first, second] = await Promise.all(
        [0, 1].map((stepIndex) => world.ports.vault.read({ ...request, stepIndex })),
      );
      const tried = [GET_ROLE, GET_USER, ...CHANGES];

      expect(await operationsDone(first as Cloud, tried)).toEqual(['iam:GetRole']);
      expect(await operationsDone(second as Cloud, tried)).toEqual(['iam:GetUser']);
      await expect(world.ports.vault.read({ ...request, stepIndex: 2 })).rejects.toThrow(
        InvariantError,
      );
    });

    it.each([
      ['without a claim', 'claim-unknown', { attemptId: 'attempt-2' }],
      ['to the claim of another step', 'claim-unknown', { stepIndex: 1 }],
    ])('vends nothing %s', async (_what, code, changed) => {
      await claim();

      await expect(effect(changed)).rejects.toMatchObject({ name: 'DecisionError', code });
    });

    it.each([
      ['vended', { write: 'vend', attemptId: 'attempt-1', policyDigest: 'p' }],
      ['answered', { write: 'answer', attemptId: 'attempt-1', answer: 'refused' }],
    ] as const)('vends nothing to a claim that was %s', async (_what, mark) => {
      await claim();
      await write(world.ports.store, request.transactionId, mark);

      await expect(effect()).rejects.toMatchObject({ code: 'claim-vended' });
    });

    it('vends nothing to the claim of an older epoch', async () => {
      await claim();
      await start(1);

      await expect(effect({ epoch: 2 })).rejects.toMatchObject({ code: 'claim-stale' });
    });

    it('vends the one call of the step, and names the policy of the session', async () => {
      await claim();

      const { cloud, policyDigest } = await effect();

      expect(policyDigest).toMatch(/^[0-9a-f]{64}$/);
      expect((await effect()).policyDigest).toBe(policyDigest);
      const tried = [
        GET_ROLE,
        GET_USER,
        ...CHANGES.filter((one) => one.operation !== OWN.operation),
      ];
      expect(await operationsDone(cloud, tried)).toEqual([]);
      expect(await codeOf(cloud, OWN)).toBe('done');
    });

    it('ends a session with its claim', async () => {
      await claim();
      const { cloud } = await effect();

      await world.clock.sleep(effectMs - marginMs);
      const inTime = await codeOf(cloud, OWN);
      await world.clock.sleep(marginMs);
      const late = await codeOf(cloud, OWN);

      expect([inTime, late]).toEqual(['done', 'AccessDenied']);
    });

    it('vends the inverse alone to the claim of a compensation', async () => {
      const applied = await claim({ attemptId: 'attempt-0' });
      const inverse: Claim = { ...applied, kind: 'compensate', attemptId: 'attempt-1' };
      const now = world.clock.now();
      await write(world.ports.store, applied.transactionId, {
        write: 'claim',
        claim: inverse,
        now,
      });

      const { cloud } = await effect();

      expect(await operationsDone(cloud, [GET_ROLE, ...CHANGES])).toEqual(['iam:PutRolePolicy']);
    });
  });
}
