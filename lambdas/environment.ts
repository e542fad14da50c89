import { z } from 'zod';
import { InvariantError } from '../core/errors.ts';

/** A variable of the function's environment. Throws `InvariantError` when it is not set. */
export function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new InvariantError(`\`${name}\` must be set`);
  return value;
}

/** A number of milliseconds in the environment. */
export function milliseconds(name: string): number {
  return z.coerce.number().int().min(0).max(900_000).parse(variable(name));
}
