import { type InterlockError, TransientError } from '../core/errors.ts';
import { errorOf, problemIn } from './problem-error.ts';

/** How a client reaches the API. */
export interface Transport {
  /** For example `http://127.0.0.1:4004`; may have a path. */
  readonly endpoint: string;
  /** A bearer token. */
  readonly token?: string;
  /** Signs each attempt (SigV4), or adds whatever the other side asks for. */
  readonly sign?: (request: Request) => Promise<Request>;
  readonly fetch?: (request: Request) => Promise<Response>;
  readonly sleep?: (ms: number) => Promise<void>;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

/** One request. */
export interface Sending {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** False for what must not be done twice when an answer was lost. */
  readonly isRepeatable: boolean;
}

/** Attempts of one request, at most. */
export const ATTEMPTS_MAX = 5;
const ATTEMPT_MS_MAX = 30_000;
const BACKOFF_MS = 200;
const BACKOFF_MS_MAX = 10_000;
/** A wait that is asked for and longer is left to the caller. */
const RETRY_AFTER_MS_MAX = 60_000;
/** Answers of those who did nothing. */
const NOTHING_RAN: readonly number[] = [429, 503];

/**
 * Sends a request until it is answered for good: what is busy, failing or out of reach is asked
 * again, after `Retry-After` or a growing, random wait. Throws the error that the problem of the
 * last answer stands for, or `TransientError` (`endpoint-unreachable`).
 */
export async function send(transport: Transport, sending: Sending): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOf(transport, sending);
    if (outcome instanceof Response && outcome.status < 400) return outcome;
    const waitMs =
      attempt < ATTEMPTS_MAX ? waitBefore(transport, sending, outcome, attempt) : undefined;
    if (waitMs === undefined) throw await failureOf(outcome);
    await (transport.sleep ?? sleep)(waitMs);
  }
}

type Outcome = Response | Error;

async function attemptOf(transport: Transport, sending: Sending): Promise<Outcome> {
  const { endpoint, token, sign } = transport;
  const { method, path, headers = {}, body } = sending;
  const request = new Request(`${endpoint.replace(/\/+$/, '')}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ATTEMPT_MS_MAX),
  });
  // A signer may make a request of its own: how it is sent is still ours.
  const { signal } = request;
  const signed =
    sign === undefined ? request : new Request(await sign(request), { redirect: 'manual', signal });
  try {
    return await (transport.fetch ?? fetch)(signed);
  } catch (error) {
    return error instanceof Error ? error : new Error('unknown');
  }
}

/** Milliseconds to wait before the next attempt; undefined when there must be none. */
function waitBefore(
  { random = Math.random }: Transport,
  { isRepeatable }: Sending,
  outcome: Outcome,
  attempt: number,
): number | undefined {
  const backoffMs = random() * Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** attempt);
  if (!(outcome instanceof Response)) return isRepeatable ? backoffMs : undefined;
  const { status, headers } = outcome;
  const mayRepeat = NOTHING_RAN.includes(status) || (isRepeatable && status >= 500);
  if (!mayRepeat) return undefined;
  const askedMs = retryAfterMs(headers.get('retry-after'));
  if (askedMs > RETRY_AFTER_MS_MAX) return undefined;
  return Math.max(askedMs, backoffMs);
}

// RFC 9110, 10.2.3: seconds, or a date.
function retryAfterMs(text: string | null): number {
  if (text === null) return 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

async function failureOf(outcome: Outcome): Promise<InterlockError> {
  if (outcome instanceof Response) return errorOf(await problemIn(outcome));
  return new TransientError('endpoint-unreachable', 'the control plane cannot be reached', {
    hint: 'look at the endpoint, and whether `interlock serve` runs there',
    cause: outcome,
  });
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
