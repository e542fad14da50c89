import { expect, test } from '@jest/globals';
import { caseNamed } from './support/action-cases.ts';
import { openTestWorld } from './support/world.ts';

test('what was proposed before is made durable before it is acknowledged again', async () => {
  const world = openTestWorld();
  const { step } = caseNamed('iam:AttachRolePolicy');
  const first = await world.propose([step], 'same');
  const barriers = world.controlPlane.barriers();

  const again = await world.propose([step], 'same');

  expect(again.id).toBe(first.id);
  expect(world.controlPlane.barriers()).toBe(barriers + 1);
  world.close();
});
