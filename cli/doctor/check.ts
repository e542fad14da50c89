import { InterlockError } from '../../core/errors.ts';
import type { Doctor } from '../json-shapes.ts';

/** One line of the doctor: what was looked at, and the next step when it is not well. */
export type DoctorCheck = Doctor['checks'][number];

/** It is as it should be. */
export function well(name: string, message: string): DoctorCheck {
  return { name, level: 'ok', message };
}

/** Somebody should look, and nothing is broken. */
export function warning(name: string, message: string, hint: string): DoctorCheck {
  return { name, level: 'warn', message, hint };
}

/** It does not work, or cannot be trusted. */
export function failure(name: string, message: string, hint: string): DoctorCheck {
  return { name, level: 'fail', message, hint };
}

/** What an error says, as a failed check. */
export function failureOf(name: string, error: unknown, hint: string): DoctorCheck {
  const message = error instanceof Error ? error.message : String(error);
  const own = error instanceof InterlockError ? error.hint : undefined;
  return failure(name, message, own ?? hint);
}
