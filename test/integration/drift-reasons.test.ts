import { expect, test } from '@jest/globals';
import { caseNamed } from './support/action-cases.ts';
import { tasksWith } from './support/deliveries.ts';
import { recreate, remove } from './support/recreate.ts';
import { expectEvidence } from './support/truth.ts';
import { openTestWorld } from './support/world.ts';

test.each([
  // What is gone has no path, so that its name alone is not what the session may read.
  ['deleted', remove, 'AccessDenied'],
  ['recreated', recreate, 'target-recreated'],
] as const)('the reason tells that a target was %s since preflight', async (_what, act, detail) => {
  const world = openTestWorld();
  const steps = [caseNamed('iam:PutUserPolicy').step, caseNamed('iam:DetachRolePolicy').step];
  const tasks = tasksWith(async (name, { stepIndex }) => {
    if (name === 'Authorize' && stepIndex === 1) await act(world, 'Role');
  });

  const ended = await world.run(await world.propose(steps), tasks);

  const decided = (await world.records(ended.id)).filter((one) => one.kind === 'decided');
  expect(ended).toMatchObject({ status: 'compensated', reason: { detail, stepIndex: 1 } });
  expect(decided.map((one) => one.data['answer'])).toEqual(['allow', 'deny']);
  expect(decided.at(-1)?.data).toMatchObject({ code: detail });
  await expectEvidence(world, ended);
  world.close();
});
