import { expect, test } from '@jest/globals';
import { AnswerLostError } from '../../core/errors.ts';
import { caseNamed } from './support/action-cases.ts';
import { openTestClock } from './support/test-clock.ts';
import { openTestWorld, START_MS } from './support/world.ts';

test('a timer that fires early does not end the wait for a lost effect', async () => {
  const virtual = openTestClock(START_MS);
  const clock = { ...virtual, sleep: (ms: number) => virtual.sleep(Math.max(1, ms - 1)) };
  const world = openTestWorld({ clock });
  const { step } = caseNamed('iam:AttachRolePolicy');
  const { effectMs } = world.ports.timing;
  let lostAt: number | undefined;
  let readAt: number | undefined;
  world.hooks.onCall = async (_request, { isEffect }, call) => {
    if (isEffect && lostAt === undefined) {
      lostAt = clock.now();
      throw new AnswerLostError('no-answer', 'the connection was reset');
    }
    if (!isEffect && lostAt !== undefined) readAt ??= clock.now();
    return call();
  };

  const ended = await world.proposeAndRun([step]);

  expect(ended.status).toBe('committed');
  expect((readAt ?? 0) - (lostAt ?? 0)).toBe(effectMs);
  world.close();
});
