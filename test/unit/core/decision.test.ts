import { describe, expect, it } from '@jest/globals';
import {
  DECISION_TTL_MS,
  type DecisionBinding,
  decisionOf,
  requireAllowed,
} from '../../../core/authorization.ts';
import { DeniedError } from '../../../core/errors.ts';
import type { Answer, DenyCode } from '../../../core/ports/decision-point.ts';

const BINDING: DecisionBinding = {
  id: 'd1',
  transactionId: 't1',
  epoch: 2,
  stepIndex: 3,
  attempt: 1,
  planDigest: 'plan',
  inputDigest: 'input',
  beforeDigest: 'before',
};

function answer(change: Partial<Answer> = {}): Answer {
  return {
    answer: 'allow',
    reasons: [],
    policySetDigest: 'policies',
    contextDigest: 'context',
    entitiesDigest: 'entities',
    requestDigest: 'request',
    reused: false,
    ...change,
  };
}

function refusal(given: Answer): DeniedError {
  try {
    decisionOf(BINDING, given, 0);
  } catch (error) {
    if (error instanceof DeniedError) return error;
    throw error;
  }
  throw new Error('a decision was made');
}

describe('a decision', () => {
  const CODES: readonly DenyCode[] = [
    'no-policies',
    'policies-invalid',
    'policy-error',
    'pdp-failed',
    'request-invalid',
    'unknown-action',
    'unknown-principal',
    'denied',
    'no-permit',
  ];

  it.each(CODES)('is not made out of a deny: %s', (code) => {
    const error = refusal(answer({ answer: 'deny', code }));

    expect(error).toMatchObject({ name: 'DeniedError', code, message: `denied: ${code}` });
  });

  it('is not made while an approval is awaited', () => {
    const reasons = [{ id: 'undo-needs-approval', advice: 'one operator must approve' }];

    const error = refusal(answer({ answer: 'awaiting-approval', reasons }));

    expect(error).toMatchObject({
      code: 'approval-required',
      message: 'denied by `undo-needs-approval`',
      hint: 'one operator must approve',
    });
  });

  it('names every policy behind a deny, and the advice that there is', () => {
    const reasons = [{ id: 'a', advice: 'first' }, { id: 'b' }, { id: 'c', advice: 'third' }];

    const error = refusal(answer({ answer: 'deny', code: 'denied', reasons }));

    expect(error.message).toBe('denied by `a`, `b`, `c`');
    expect(error.hint).toBe('first; third');
  });

  it('binds the step and the digests of the answer until ten seconds from now', () => {
    const decision = decisionOf(BINDING, answer(), 1_000_000);

    expect(decision).toEqual({
      ...BINDING,
      kind: 'apply',
      policySetDigest: 'policies',
      contextDigest: 'context',
      entitiesDigest: 'entities',
      expiresAt: 1_010_000,
    });
    expect(DECISION_TTL_MS).toBe(10_000);
  });

  it('needs no error where the answer is allow', () => {
    expect(() => requireAllowed(answer())).not.toThrow();
  });
});
