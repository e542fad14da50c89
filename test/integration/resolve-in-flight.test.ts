import { expect, test } from '@jest/globals';
import { CloudRefusedError } from '../../core/errors.ts';
import { resolve } from '../../core/tasks/resolve.ts';
import { caseNamed } from './support/action-cases.ts';
import { expectEvidence, expectLocks } from './support/truth.ts';
import { OPERATOR, openTestWorld } from './support/world.ts';

const LATE_MS = 4000;

test('a stuck transaction keeps its locks while its last call may still land', async () => {
  const world = openTestWorld();
  const { clock, account, ports } = world;
  const last = caseNamed('iam:PutUserPolicy').step;
  world.hooks.onCall = async (request, { isEffect }, call) => {
    if (!isEffect) return call();
    if (request.operation === last.action) throw new CloudRefusedError('ServiceFailure', 'no');
    if (request.operation !== 'iam:DetachRolePolicy') return call();
    clock.at(clock.now() + LATE_MS, async () => {
      await call();
    });
    // By its name nothing tries again.
    throw Object.assign(new Error('after the call has left'), { name: 'StuckError' });
  };
  const stuck = await world.proposeAndRun([caseNamed('iam:AttachRolePolicy').step, last]);
  const operator = { type: 'Operator', id: OPERATOR } as const;
  const wanted = { id: stuck.id, as: 'restored', reason: 'looked' } as const;
  const calls = account.mutations().length;

  const early = resolve(ports, operator, wanted);

  await expect(early).rejects.toMatchObject({ name: 'InvalidInputError', code: 'in-flight' });
  await expectLocks(world, stuck);
  await clock.sleep(ports.timing.effectMs);
  expect(account.mutations()).toHaveLength(calls + 1);
  await resolve(ports, operator, wanted);
  const ended = await world.run(await world.load(stuck.id));
  expect(ended).toMatchObject({ status: 'stuck', sealed: true, resolution: { as: 'restored' } });
  await expectEvidence(world, ended);
  world.close();
});
