import { z } from 'zod';
import { roleOfAccount } from '../adapters/aws/account-roles.ts';
import { InvariantError } from '../core/errors.ts';

/** A variable of the function's environment. Throws `InvariantError` when it is not set. */
export function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new InvariantError(`\`${name}\` must be set`);
  return value;
}

/** The role that this function may assume in an account; undefined where that is not governed. */
export function accountRole(accountId: string): string | undefined {
  const accounts = variable('TARGET_ACCOUNTS');
  return roleOfAccount(accountId, { role: variable('ACCOUNT_ROLE'), accounts });
}

const DAYS_MAX = 7;

/** A number of milliseconds in the environment, a week at most. */
export function milliseconds(name: string): number {
  // Not coerced: a blank would be 0.
  return z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .pipe(z.int().max(DAYS_MAX * 24 * 60 * 60 * 1000))
    .parse(variable(name));
}
