import { Logger } from '@aws-lambda-powertools/logger';
import { InterlockError } from '../core/errors.ts';

/** What a line of the log may carry: names, numbers and ids, never a payload. */
export type LogFields = Readonly<Record<string, string | number | boolean | object>>;

/** Causes of causes that are logged. */
const CAUSES_MAX = 5;
const NAME = /^[\w.$-]{1,64}$/;

const logger = new Logger({ persistentKeys: { task: process.env['TASK'] ?? 'none' } });

/** Writes one structured line about what was done. */
export function logDone(message: string, fields: LogFields): void {
  logger.info(message, fields);
}

/** Writes one structured line about what a person should look at. */
export function logProblem(message: string, fields: LogFields): void {
  logger.error(message, fields);
}

/** The name of an error when it is one, and not a text that somebody made a name. */
export function errorName(error: unknown): string {
  return error instanceof Error && NAME.test(error.name) ? error.name : 'UnknownError';
}

/**
 * What may be said of an error. Our messages hold no secret and no payload; those of others may,
 * so of them only where they arose.
 */
export function errorFields(error: unknown, causesMax = CAUSES_MAX): object {
  const name = errorName(error);
  if (!(error instanceof Error)) return { name };
  const isSaid = error instanceof InterlockError || name.startsWith('AccessDenied');
  const { cause } = error;
  return {
    name,
    ...(error instanceof InterlockError ? { code: error.code } : {}),
    ...(isSaid ? { message: error.message } : { frames: framesOf(error) }),
    ...(cause === undefined || causesMax === 0 ? {} : { cause: errorFields(cause, causesMax - 1) }),
  };
}

/** The stack below the message; a message of several lines may look like a stack itself. */
function framesOf({ message, stack = '' }: Error): readonly string[] {
  const at = stack.indexOf(message);
  if (at < 0) return [];
  const lines = stack.slice(at + message.length).split('\n');
  return lines.filter((line) => line.startsWith('    at ')).map((line) => line.trim());
}
