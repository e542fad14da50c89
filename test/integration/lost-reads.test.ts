import { afterEach, describe, expect, test } from '@jest/globals';
import { AnswerLostError, CloudRefusedError } from '../../core/errors.ts';
import { caseNamed } from './support/action-cases.ts';
import { tasksWith } from './support/deliveries.ts';
import { expectTruthful } from './support/truth.ts';
import { openTestWorld, type TestWorld } from './support/world.ts';

const worlds: TestWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

const STEPS = [caseNamed('iam:AttachRolePolicy').step, caseNamed('iam:PutUserPolicy').step];
const LAST = 'iam:PutUserPolicy';

/** Loses the answer to the first read after a task begins; the last step fails when asked to. */
const runWithLostRead = async (
  task: string,
  { times, isLastRefused }: { readonly times: number; readonly isLastRefused: boolean },
) => {
  const world = openTestWorld();
  worlds.push(world);
  let left = 0;
  let isArmed = false;
  world.hooks.onCall = async (request, session, call) => {
    if (session.isEffect && isLastRefused && request.operation === LAST)
      throw new CloudRefusedError('ServiceFailure', 'the target refuses');
    if (session.isEffect || left === 0) return call();
    left -= 1;
    throw new AnswerLostError('no-answer', 'the connection was reset');
  };
  const tasks = tasksWith(async (name) => {
    if (isArmed || name !== task) return;
    isArmed = true;
    left = times;
  });
  const ended = await world.run(await world.propose(STEPS), tasks);
  expect(left).toBe(0);
  return { world, ended };
};

describe('a read whose answer is lost', () => {
  test.each(['Preflight', 'Authorize', 'Verify'])('in %s is made again', async (task) => {
    const { world, ended } = await runWithLostRead(task, { times: 1, isLastRefused: false });

    expect(ended.status).toBe('committed');
    await expectTruthful(world, ended, STEPS);
  });

  test('in Compensate is made again', async () => {
    const { world, ended } = await runWithLostRead('Compensate', { times: 1, isLastRefused: true });

    expect(ended.status).toBe('compensated');
    await expectTruthful(world, ended, STEPS);
  });

  test('again and again ends the forward run without an effect left', async () => {
    const { world, ended } = await runWithLostRead('Verify', { times: 4, isLastRefused: false });

    expect(ended.status).toBe('compensated');
    await expectTruthful(world, ended, STEPS);
  });
});
