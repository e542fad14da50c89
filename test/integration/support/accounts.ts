import { existsSync, readFileSync } from 'node:fs';

/** The account that the project ships. */
export const ACME = 'examples/acme-account.json';
/** The account of a real sandbox; it stands beside the project, not in it. */
export const SANDBOX = '../shared/data/iam/account-sandbox.json';

/** The accounts that are there; says so where one is not. */
export function accountsAtHand(): readonly string[] {
  const found = [ACME, SANDBOX].filter((file) => existsSync(file));
  if (found.length < 2) console.info(`skipped: there is no ${SANDBOX} beside the project`);
  return found;
}

/** The value of a GAAD file. */
export const readAccount = (file: string): Gaad => JSON.parse(readFileSync(file, 'utf8')) as Gaad;

export interface Gaad {
  readonly UserDetailList: readonly unknown[];
  readonly RoleDetailList: readonly unknown[];
}
