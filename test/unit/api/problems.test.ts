import { describe, expect, test } from '@jest/globals';
import { problemOf } from '../../../api/problem.ts';
import { errorOf } from '../../../api/problem-error.ts';
import { Problem } from '../../../api/shapes.ts';
import * as errors from '../../../core/errors.ts';

const MADE: readonly (readonly [errors.InterlockError, number])[] = [
  [new errors.UnauthenticatedError('unauthenticated', 'm'), 401],
  [new errors.DeniedError('denied', 'm', { policies: [{ id: 'p', advice: 'a' }] }), 403],
  [new errors.NotFoundError('transaction-not-found', 'm', { hint: 'h' }), 404],
  [new errors.HaltedError('freeze', 'm'), 409],
  [new errors.StaleStateError('m'), 409],
  [new errors.IdempotencyError('idempotency-key-reused', 'm'), 422],
  [new errors.TransientError('database-busy', 'm'), 503],
  [new errors.InvalidInputError('invalid-plan', 'm'), 400],
  [new errors.InvalidInputError('body-too-large', 'm'), 413],
  [new errors.InvalidInputError('unsupported-media-type', 'm'), 415],
  [new errors.InvalidInputError('not-stuck', 'm'), 409],
  [new errors.CloudRefusedError('AccessDenied', 'm'), 502],
];

describe('a problem', () => {
  test.each(MADE)('of %s stands for the error again', (error, status) => {
    const problem = Problem.parse(problemOf(error));

    const again = errorOf(problem);

    expect(problem).toMatchObject({ status, code: error.code, detail: 'm' });
    expect({
      name: again.name,
      code: again.code,
      message: again.message,
      hint: again.hint,
    }).toEqual({ name: error.name, code: error.code, message: error.message, hint: error.hint });
    if (error instanceof errors.DeniedError)
      expect((again as errors.DeniedError).policies).toEqual(error.policies);
  });

  test('is made of every class of error that there is', () => {
    const classes = Object.values(errors).filter((one) => typeof one === 'function');
    // Defects, what only a task of the state machine throws, and what no caller can mend.
    const defects = [
      'InterlockError',
      'InvariantError',
      'EffectFailedError',
      'VerificationFailedError',
      'PolicyInvalidError',
      'EvidenceError',
      // Of replays, which no route runs.
      'ReplayError',
      'UndeterminedError',
      'StoreDamagedError',
    ];

    const statuses = classes.map((one) => {
      const error = new (one as new (...words: string[]) => Error)('code', 'message');
      return [error.name, problemOf(error).status] as const;
    });

    expect(
      statuses
        .filter(([, status]) => status === 500)
        .map(([name]) => name)
        .sort(),
    ).toEqual([...defects].sort());
  });

  test.each([new Error('canary'), new errors.InvariantError('canary'), 'canary', undefined])(
    'of a defect tells nothing of it: %s',
    (error) => {
      const text = JSON.stringify(problemOf(error));

      expect(text).toContain('"code":"unexpected"');
      expect(text).not.toContain('canary');
    },
  );
});
