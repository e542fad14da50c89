import {
  CloudRefusedError,
  DeniedError,
  HaltedError,
  IdempotencyError,
  InterlockError,
  InvalidInputError,
  NotFoundError,
  StaleStateError,
  TransientError,
  UnauthenticatedError,
} from '../core/errors.ts';
import { KILL_MODES } from '../core/ports/kill-switch.ts';
import { Problem } from './shapes.ts';

/** The error that a problem stands for: of the class that the other side threw, as far as the
 * status tells, with the same code and hint. */
export function errorOf(problem: Problem): InterlockError {
  const { status, code, detail, hint, policies } = problem;
  const details = hint === undefined ? {} : { hint };
  switch (status) {
    case 401:
      return new UnauthenticatedError(code, detail, details);
    case 403:
      return new DeniedError(code, detail, { ...details, policies: policies ?? [] });
    case 404:
      return new NotFoundError(code, detail, details);
    case 409:
      if (code === 'stale-state') return new StaleStateError(detail);
      return isMode(code)
        ? new HaltedError(code, detail, details)
        : new InvalidInputError(code, detail, details);
    case 422:
      return new IdempotencyError(code, detail, details);
    case 429:
    case 503:
      return new TransientError(code, detail, details);
    case 502:
      return new CloudRefusedError(code, detail, details);
    default:
      return status < 500
        ? new InvalidInputError(code, detail, details)
        : new InterlockError(code, detail, details);
  }
}

/** The problem of an answer; one is made where a gateway in between has answered. */
export async function problemIn(response: Response): Promise<Problem> {
  const { status } = response;
  const parsed = Problem.safeParse(await response.json().catch(() => undefined));
  if (parsed.success && parsed.data.status === status) return parsed.data;
  return {
    type: 'about:blank',
    title: response.statusText,
    status,
    detail: `the endpoint answered ${status} without a problem document`,
    code: `http-${status}`,
  };
}

function isMode(code: string): boolean {
  return (KILL_MODES as readonly string[]).includes(code);
}
