import { describe, expect, test } from '@jest/globals';
import { loadDecisionPoint } from '../../adapters/cedar/decision-point.ts';
import { CloudRefusedError } from '../../core/errors.ts';
import type { Answer, DecisionPoint } from '../../core/ports/decision-point.ts';
import { caseNamed } from './support/action-cases.ts';
import { openTestWorld } from './support/world.ts';

const STEPS = [caseNamed('iam:DetachRolePolicy').step, caseNamed('iam:DeleteUserPolicy').step];

/** The shipped policies; the first `times` questions about an inverse get another answer. */
const answering = (times: number, answer: Pick<Answer, 'answer' | 'code'>): DecisionPoint => {
  const real = loadDecisionPoint('policies');
  let left = times;
  return {
    ...real,
    async decide(request) {
      const given = await real.decide(request);
      if (!request.action.startsWith('compensate:') || left === 0) return given;
      left -= 1;
      return { ...given, ...answer, reasons: [] };
    },
  };
};

/** Runs a plan whose second step is refused by its target. */
const run = async (decisionPoint: DecisionPoint) => {
  const world = openTestWorld({ decisionPoint });
  const before = world.account.digest();
  world.hooks.onCall = async (request, session, call) => {
    if (session.isEffect && request.operation === 'iam:DeleteUserPolicy')
      throw new CloudRefusedError('LimitExceeded', 'refused');
    return call();
  };
  const ended = await world.proposeAndRun(STEPS);
  const isRestored = world.account.digest() === before;
  const { ok } = await world.verifyEvidence(ended.id);
  world.close();
  return { ended, isRestored, ok };
};

describe('the decision on an inverse', () => {
  test('is asked for again when the decision point fails', async () => {
    const { ended, isRestored, ok } = await run(
      answering(2, { answer: 'deny', code: 'pdp-failed' }),
    );

    expect([ended.status, isRestored, ok]).toEqual(['compensated', true, true]);
  });

  test('that stays out ends stuck and says why', async () => {
    const { ended, isRestored, ok } = await run(
      answering(Number.POSITIVE_INFINITY, { answer: 'deny', code: 'pdp-failed' }),
    );

    expect([ended.status, isRestored, ok]).toEqual(['stuck', false, true]);
    expect(ended.reason?.message).toContain('`TransientError` (pdp-failed)');
  });

  test('that is a denial ends stuck at once', async () => {
    const { ended } = await run(answering(1, { answer: 'deny', code: 'denied' }));

    expect(ended.status).toBe('stuck');
    expect(ended.reason?.message).toContain('`StuckError` (compensation-denied)');
  });
});
