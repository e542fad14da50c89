import { z } from 'zod';
import { InvariantError } from '../core/errors.ts';

/** A variable of the function's environment. Throws `InvariantError` when it is not set. */
export function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new InvariantError(`\`${name}\` must be set`);
  return value;
}

const DAYS_MAX = 7;

/** A number of milliseconds in the environment, a week at most. */
export function milliseconds(name: string): number {
  return z.coerce
    .number()
    .int()
    .min(0)
    .max(DAYS_MAX * 24 * 60 * 60 * 1000)
    .parse(variable(name));
}
