/** Where the account stands in the ARN of a role that several accounts have. */
export const ACCOUNT_PLACE = '{account}';

/**
 * The ARN of that role in one of some accounts, each in `accounts` with a space between; undefined
 * for any other account.
 */
export function roleOfAccount(
  accountId: string,
  { role, accounts }: { readonly role: string; readonly accounts: string },
): string | undefined {
  return accounts.split(' ').includes(accountId)
    ? role.replace(ACCOUNT_PLACE, accountId)
    : undefined;
}
