import { expect, test } from '@jest/globals';
import { undo } from '../../core/tasks/undo.ts';
import { caseNamed } from './support/action-cases.ts';
import { expectEvidence } from './support/truth.ts';
import { OPERATOR, openTestWorld } from './support/world.ts';

test('what waits for an approval past its deadline is found and rejected', async () => {
  const world = openTestWorld();
  const operator = { type: 'Operator', id: OPERATOR } as const;
  const done = await world.proposeAndRun([caseNamed('iam:DetachRolePolicy').step]);
  const waiting = await world.run((await undo(world.ports, operator, done.id)).transaction);
  await world.clock.sleep(waiting.plan.deadlineMs);
  const inTime = await world.controlPlane.lost();
  await world.clock.sleep(1);

  const late = await world.controlPlane.lost();
  const ended = await world.run(waiting);

  expect(waiting.status).toBe('awaiting-approval');
  expect(inTime).toEqual([]);
  expect(late.map((one) => one.id)).toEqual([waiting.id]);
  expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'expired' }, sealed: true });
  await expectEvidence(world, ended);
  world.close();
});
