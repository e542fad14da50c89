import { describe, expect, it } from '@jest/globals';
import { roleOfAccount } from '../../../adapters/aws/account-roles.ts';

const governed = {
  role: 'arn:aws:iam::{account}:role/interlock/interlock-prod-action',
  accounts: '111111111111 222222222222',
};

describe('the role of an account', () => {
  it.each([['333333333333'], ['11111111111'], ['111111111111 222222222222'], [' '], ['']])(
    'is not there for %j, which is not governed',
    (accountId) => {
      expect(roleOfAccount(accountId, governed)).toBeUndefined();
    },
  );

  it('is that of the account', () => {
    expect(roleOfAccount('222222222222', governed)).toBe(
      'arn:aws:iam::222222222222:role/interlock/interlock-prod-action',
    );
  });
});
