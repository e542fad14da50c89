import {
  AnswerLostError,
  CancelledError,
  CloudRefusedError,
  ConflictError,
  DecisionError,
  DeniedError,
  DriftError,
  ExpiredError,
  HaltedError,
  IdempotencyError,
  InterlockError,
  InvalidInputError,
  InvariantError,
  NotFoundError,
  StaleStateError,
  StuckError,
  TransientError,
  UnauthenticatedError,
} from '../core/errors.ts';
import type { Problem } from './shapes.ts';

export const PROBLEM_TYPE = 'application/problem+json';
/** Seconds after which a caller may try again what was busy. */
const RETRY_SECONDS = 1;

/** An error as the API answers it (RFC 9457). */
export function problemOf(error: unknown): Problem {
  const status = statusOf(error);
  const { code, detail, hint } = wordsOf(error);
  return {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    code,
    ...(hint === undefined ? {} : { hint }),
    ...(error instanceof DeniedError ? { policies: error.policies.map(policyOf) } : {}),
    ...(error instanceof ConflictError ? { holder: error.holder } : {}),
  };
}

/** The answer to a request that failed. */
export function problemResponse(error: unknown): Response {
  const problem = problemOf(error);
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE };
  if (error instanceof TransientError) headers['retry-after'] = String(RETRY_SECONDS);
  if (error instanceof UnauthenticatedError) headers['www-authenticate'] = 'Bearer';
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

type ErrorClass = abstract new (...parameters: never[]) => Error;

/** The one table: class of error to status. The first that fits; what is in none is a defect. */
const STATUS: readonly (readonly [ErrorClass, number])[] = [
  [InvariantError, 500],
  [UnauthenticatedError, 401],
  [DeniedError, 403],
  [NotFoundError, 404],
  [IdempotencyError, 422],
  [TransientError, 503],
  [HaltedError, 409],
  [ConflictError, 409],
  [CancelledError, 409],
  [ExpiredError, 409],
  [DriftError, 409],
  [StaleStateError, 409],
  [DecisionError, 409],
  [StuckError, 409],
  [CloudRefusedError, 502],
  [AnswerLostError, 502],
  [InvalidInputError, 400],
];

/** Codes of `InvalidInputError` that say more than that the request is wrong. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'plan-too-large': 413,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'method-not-allowed': 405,
  'already-final': 409,
  'not-stuck': 409,
  'in-flight': 409,
  'not-committed': 409,
  'nothing-to-undo': 409,
  'not-parked': 409,
  'not-awaiting-approval': 409,
  'already-approved': 409,
  'approval-mismatch': 409,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

function statusOf(error: unknown): number {
  const found = STATUS.find(([type]) => error instanceof type)?.[1] ?? 500;
  if (!(error instanceof InvalidInputError)) return found;
  return STATUS_OF_CODE[error.code] ?? found;
}

/** Of a defect only that it is one: its message may hold anything. */
function wordsOf(error: unknown): {
  readonly code: string;
  readonly detail: string;
  readonly hint?: string;
} {
  if (!(error instanceof InterlockError) || error instanceof InvariantError)
    return { code: 'unexpected', detail: 'a defect of interlock; nothing is lost' };
  const { code, message, hint } = error;
  return { code, detail: message, ...(hint === undefined ? {} : { hint }) };
}

function policyOf({ id, advice }: DeniedError['policies'][number]) {
  return { id, ...(advice === undefined ? {} : { advice }) };
}
