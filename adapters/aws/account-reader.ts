import {
  IAMClient,
  type IAMClientConfig,
  paginateGetAccountAuthorizationDetails,
} from '@aws-sdk/client-iam';
import type { STSClient } from '@aws-sdk/client-sts';
import { InvalidInputError, TransientError } from '../../core/errors.ts';
import { assumeRole } from './assume-role.ts';
import { repeatable } from './sdk-errors.ts';

/** Entities of one page, at most ("GetAccountAuthorizationDetails", IAM API reference). */
const PAGE = 1000;
const LISTS = ['UserDetailList', 'RoleDetailList', 'GroupDetailList', 'Policies'] as const;

/** What reading whole accounts needs. */
export interface AccountReaderParts {
  readonly sts: STSClient;
  /** How IAM is reached, but for the credentials. */
  readonly iam: IAMClientConfig;
  /** The role that may read an account, from deployed configuration; undefined is not audited. */
  readonly roleArnOf: (accountId: string) => string | undefined;
}

/**
 * Reads accounts as `get-account-authorization-details` has them, all pages, under a role that may
 * do nothing else. Throws `InvalidInputError` (`account-not-audited`), `TransientError`
 * (also `account-incomplete`).
 */
export function accountReader({
  sts,
  iam,
  roleArnOf,
}: AccountReaderParts): (accountId: string) => Promise<object> {
  return async (accountId) => {
    const RoleArn = roleArnOf(accountId);
    if (RoleArn === undefined)
      throw new InvalidInputError('account-not-audited', `no role is known in \`${accountId}\``);
    const credentials = await assumeRole(sts, { RoleArn, RoleSessionName: 'interlock-audit' });
    const client = new IAMClient({ ...iam, credentials });
    return repeatable('cloud-unreachable', () => allPages(client)).finally(() => client.destroy());
  };
}

async function allPages(client: IAMClient): Promise<object> {
  const whole: Record<(typeof LISTS)[number], unknown[]> = {
    UserDetailList: [],
    RoleDetailList: [],
    GroupDetailList: [],
    Policies: [],
  };
  const pages = paginateGetAccountAuthorizationDetails({ client, pageSize: PAGE }, {});
  let isWhole = true;
  for await (const page of pages) {
    for (const list of LISTS) whole[list].push(...(page[list] ?? []));
    isWhole = page.IsTruncated !== true;
  }
  // Nobody may take a part for the account.
  if (!isWhole) throw new TransientError('account-incomplete', 'IAM did not say where to go on');
  return whole;
}
