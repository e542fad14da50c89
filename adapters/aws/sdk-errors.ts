import { TransientError } from '../../core/errors.ts';

/** What the services say when they refuse before anything runs. */
const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'Throttling',
  'ThrottledException',
  'ThrottlingException',
  'TooManyRequestsException',
  'TooManyUpdates',
]);
/** Nobody was reached: nothing ran. */
const NOT_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
/** Something was sent, or may have been, and no answer came. */
const NO_ANSWER = new Set([
  'ECONNABORTED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'AbortError',
  'NetworkingError',
  'RequestTimeout',
  'TimeoutError',
]);
const HTTP_SERVER_ERROR = 500;

interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $fault?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** What a failed call of an SDK client means. */
export type Failure =
  /** Nothing ran. */
  | 'throttled'
  /** Whether it ran is not known. */
  | 'lost'
  /** The service answered that it will not. */
  | 'refused'
  /** Not of a service: a defect, or credentials that are missing. */
  | 'other';

/** Tells what an error of an SDK client means. */
export function failureOf(error: unknown): Failure {
  const { name = '', code = '', $fault, $metadata } = (error ?? {}) as SdkError;
  if (THROTTLED.has(name) || $metadata?.httpStatusCode === 429) return 'throttled';
  if (NOT_REACHED.has(code)) return 'throttled';
  if (NO_ANSWER.has(name) || NO_ANSWER.has(code)) return 'lost';
  if (($metadata?.httpStatusCode ?? 0) >= HTTP_SERVER_ERROR || $fault === 'server') return 'lost';
  return $fault === 'client' ? 'refused' : 'other';
}

/** Makes a call that may be made again: throttled and unanswered calls are `TransientError`. */
export async function repeatable<Result>(
  code: string,
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    const failure = failureOf(cause);
    if (failure !== 'throttled' && failure !== 'lost') throw cause;
    throw new TransientError(code, `no answer: ${nameOf(cause)}`, { cause });
  }
}

/** The name of an error, for messages. */
export function nameOf(error: unknown): string {
  return (error as SdkError | undefined)?.name ?? 'unknown';
}
