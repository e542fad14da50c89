import {
  DeniedError,
  IdempotencyError,
  type InterlockError,
  InvalidInputError,
} from '../../../core/errors.ts';

const ABOUT_ONE_PLAN = [DeniedError, InvalidInputError, IdempotencyError];

/** Whether one plan was refused: a kill switch or an outage is about all of them. */
export function isRefusal(error: unknown): error is InterlockError {
  return ABOUT_ONE_PLAN.some((type) => error instanceof type);
}
