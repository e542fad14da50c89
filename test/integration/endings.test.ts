import { afterEach, describe, expect, test } from '@jest/globals';
import { CloudRefusedError, InterlockError } from '../../core/errors.ts';
import type { Signer } from '../../core/ports/signer.ts';
import { resolve } from '../../core/tasks/resolve.ts';
import { caseNamed } from './support/action-cases.ts';
import { memorySigner } from './support/memory-signer.ts';
import { expectEvidence, expectTruthful } from './support/truth.ts';
import { OPERATOR, openTestWorld, type TestWorld, type TestWorldOptions } from './support/world.ts';

const worlds: TestWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

const open = (options: TestWorldOptions = {}): TestWorld => {
  const world = openTestWorld(options);
  worlds.push(world);
  return world;
};

const { step: put, otherAfter } = caseNamed('iam:PutRolePolicy');
const last = caseNamed('iam:PutUserPolicy').step;

/** The last step is refused with a message; something may happen right before. */
const refuseLast = (world: TestWorld, message: string, before: () => unknown = () => undefined) => {
  world.hooks.onCall = async (request, session, call) => {
    if (!session.isEffect || request.operation !== last.action) return call();
    await before();
    throw new CloudRefusedError('ServiceFailure', message);
  };
};

test('an outcome that cannot be made durable is not written twice', async () => {
  let failures = 0;
  const world = open({
    wrap: (ports) => ({
      ...ports,
      decisionPoint: {
        ...ports.decisionPoint,
        async decide(request) {
          const answer = await ports.decisionPoint.decide(request);
          if (request.action !== put.action) return answer;
          return { ...answer, answer: 'deny', code: 'no-permit' };
        },
      },
      store: {
        ...ports.store,
        async barrier() {
          failures -= 1;
          if (failures >= 0) throw new InterlockError('sync-failed', 'the disk did not confirm');
          await ports.store.barrier();
        },
      },
    }),
  });
  const transaction = await world.propose([put]);
  failures = 1;

  const ended = await world.run(transaction);

  const kinds = (await world.records(transaction.id)).map((one) => one.kind);
  expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'denied' }, sealed: true });
  expect(kinds).toEqual(['proposed', 'located', 'preflighted', 'outcome']);
  await expectEvidence(world, ended);
});

test('a target’s message that is cut within a character does not keep it from ending', async () => {
  const world = open();
  refuseLast(world, `${'x'.repeat(499)}\u{1F600}`);

  const ended = await world.proposeAndRun([put, last]);

  expect(ended.status).toBe('compensated');
  await expectTruthful(world, ended, [put, last]);
});

describe('resolved while its seal is being signed', () => {
  test('a stuck transaction is sealed with its resolution', async () => {
    const inner = memorySigner();
    let whileSigning: (() => Promise<unknown>) | undefined;
    const signer: Signer = {
      ...inner,
      async sign(message) {
        const work = whileSigning;
        whileSigning = undefined;
        await work?.();
        return inner.sign(message);
      },
    };
    const world = open({ signer });
    refuseLast(world, 'no', () => world.outside(otherAfter as NonNullable<typeof otherAfter>));
    const transaction = await world.propose([put, last]);
    const { id } = transaction;
    const operator = { type: 'Operator', id: OPERATOR } as const;
    whileSigning = () => resolve(world.ports, operator, { id, as: 'restored', reason: 'looked' });

    const ended = await world.run(transaction);

    expect(ended).toMatchObject({ status: 'stuck', sealed: true, resolution: { as: 'restored' } });
    await expectEvidence(world, ended);
  });
});
