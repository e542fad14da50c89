import {
  AnswerLostError,
  CloudRefusedError,
  ConflictError,
  DecisionError,
  DriftError,
  HaltedError,
  InterlockError,
  InvalidInputError,
  StuckError,
  TransientError,
} from '../errors.ts';
import type { Json } from '../json.ts';

interface RecordedError {
  readonly name: string;
  readonly code: string;
  readonly message?: string;
  readonly resource?: string;
  readonly holder?: string;
}

const CLASSES = [
  AnswerLostError,
  CloudRefusedError,
  DecisionError,
  DriftError,
  HaltedError,
  InvalidInputError,
  StuckError,
  TransientError,
] as const;

const BY_NAME = new Map(CLASSES.map((one) => [new one('', '').name, one]));

/** The error that a port answered with, or undefined for any other answer. */
export function recordedError(answer: Json | undefined): Error | undefined {
  if (!isRecordedError(answer)) return undefined;
  const { name, code, message = '', resource, holder } = answer.error;
  if (resource !== undefined && holder !== undefined) return new ConflictError(resource, holder);
  const known = BY_NAME.get(name);
  if (known !== undefined) return new known(code, message);
  if (code !== 'unknown') return Object.assign(new InterlockError(code, message), { name });
  return Object.assign(new Error(message), { name });
}

function isRecordedError(answer: unknown): answer is { readonly error: RecordedError } {
  const { error } = (answer ?? {}) as { readonly error?: Partial<RecordedError> };
  return typeof error?.name === 'string' && typeof error.code === 'string';
}
