import { IAMClient, type IAMClientConfig } from '@aws-sdk/client-iam';
import {
  AnswerLostError,
  CloudRefusedError,
  InvariantError,
  TransientError,
} from '../../core/errors.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Cloud } from '../../core/ports/cloud.ts';
import { CHANGES, READS, type Send } from './cloud-operations.ts';
import type { SessionCredentials } from './remote-vault.ts';
import { failureOf, nameOf } from './sdk-errors.ts';

/** Other writers are at the same entity: IAM changed nothing and takes the call later. */
const BUSY = new Set(['ConcurrentModification', 'EntityTemporarilyUnmodifiable']);

/**
 * The IAM API through the SDK. The client must not retry (`maxAttempts` 1): a call whose answer is
 * lost may have been made, and only the engine knows when it may be made again.
 */
export function iamCloud(client: IAMClient): Cloud {
  return {
    async call({ operation, input }) {
      if ((await client.config.maxAttempts()) !== 1)
        throw new InvariantError('the SDK must not repeat calls to the target');
      const read = listed(READS, operation);
      const change = listed(CHANGES, operation);
      if (read !== undefined) return answered(read, { client, input, whenUnknown: transient });
      if (change !== undefined) return answered(change, { client, input, whenUnknown: lost });
      throw new CloudRefusedError('InvalidAction', `\`${operation}\` is not on the list of calls`);
    },
  };
}

/** Opens the API for the credentials of one session, without retries and with a time-out. */
export function iamSessions(
  config: Pick<IAMClientConfig, 'region' | 'endpoint'> & { readonly timeoutMs: number },
): (credentials: SessionCredentials) => Cloud {
  const { timeoutMs, ...where } = config;
  const requestHandler = {
    connectionTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    // Or it would only warn.
    throwOnRequestTimeout: true,
  };
  return (credentials) =>
    iamCloud(new IAMClient({ ...where, credentials, requestHandler, maxAttempts: 1 }));
}

function listed(calls: Readonly<Record<string, Send>>, operation: string): Send | undefined {
  return Object.hasOwn(calls, operation) ? calls[operation] : undefined;
}

interface Call {
  readonly client: IAMClient;
  readonly input: JsonObject;
  /** What it means that nobody knows whether the call was made. */
  readonly whenUnknown: (cause: unknown) => Error;
}

async function answered(send: Send, { client, input, whenUnknown }: Call): Promise<Json> {
  let answer: object;
  try {
    answer = await send(client, input);
  } catch (cause) {
    throw errorFor(cause, whenUnknown);
  }
  const { $metadata: _, ...body } = answer as { readonly $metadata?: unknown };
  return plain(body) ?? {};
}

function errorFor(cause: unknown, whenUnknown: Call['whenUnknown']): Error {
  // The SDK names IAM's codes as classes: `NoSuchEntity` is `NoSuchEntityException`.
  const code = nameOf(cause).replace(/Exception$/, '');
  const failure = failureOf(cause);
  if (failure === 'throttled' || BUSY.has(code))
    return new TransientError('cloud-throttled', `IAM did not take the call: \`${code}\``, {
      cause,
    });
  if (failure === 'refused')
    return new CloudRefusedError(code, `IAM refuses: ${messageOf(cause)}`, { cause });
  return whenUnknown(cause);
}

const transient = (cause: unknown): Error =>
  new TransientError('cloud-unreachable', `IAM did not answer: \`${nameOf(cause)}\``, { cause });

// Whatever it was: doubt about an effect is never "nothing ran".
const lost = (cause: unknown): Error =>
  new AnswerLostError('answer-lost', `the answer of IAM is lost: \`${nameOf(cause)}\``, { cause });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');

/** JSON as evidence knows it: nothing absent, dates as IAM writes them. */
function plain(value: unknown): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (Array.isArray(value)) return value.map(plain).filter((one): one is Json => one !== undefined);
  if (typeof value !== 'object') return value as Json;
  const entries = Object.entries(value).flatMap(([name, one]) => {
    const json = plain(one);
    return json === undefined ? [] : [[name, json] as const];
  });
  return Object.fromEntries(entries);
}
