import { readFileSync } from 'node:fs';

/** Some principals of the sample account, with all of its policies. */
export function sampleAccount() {
  const account = JSON.parse(readFileSync('examples/acme-account.json', 'utf8'));
  const { UserDetailList: users, RoleDetailList: roles } = account;
  const wanted = [
    'erin.analyst',
    'dave.contractor',
    'old-migration',
    'temporary-debug',
    'ci-deploy',
  ];
  const isWanted = (one: { UserName?: string; RoleName?: string }) =>
    wanted.includes(one.UserName ?? one.RoleName ?? '');
  return {
    ...account,
    UserDetailList: users.filter(isWanted),
    RoleDetailList: roles.filter(isWanted),
  };
}
