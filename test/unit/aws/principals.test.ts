import { describe, expect, it } from '@jest/globals';
import { agentOfSession, operatorOfClaims } from '../../../adapters/aws/principals.ts';

const DEPLOYMENT = { account: '123456789012', stage: 'prod' };
const ROLES = [
  { agent: 'auditor', role: 'arn:aws:iam::{account}:role/interlock/interlock-{stage}-auditor' },
  { agent: 'janitor', role: 'arn:aws:iam::210987654321:role/janitor' },
];
const session = (account: string, role: string, name = 'any') =>
  `arn:aws:sts::${account}:assumed-role/${role}/${name}`;

describe('the agent of a session', () => {
  it.each([
    ['a role of the deployment', session('123456789012', 'interlock-prod-auditor'), 'auditor'],
    ['a role of another account', session('210987654321', 'janitor'), 'janitor'],
  ])('is that of %s', (_what, userArn, id) => {
    expect(agentOfSession(userArn, ROLES, DEPLOYMENT)).toEqual({ type: 'Agent', id });
  });

  it.each([
    ['nobody', undefined],
    ['an unknown role', session('123456789012', 'interlock-prod-auditor2')],
    ['the same name in another account', session('210987654321', 'interlock-prod-auditor')],
    ['the role of another stage', session('123456789012', 'interlock-dev-auditor')],
    ['a session that is named like an agent', session('123456789012', 'x', 'janitor')],
    ['the root of the account', 'arn:aws:iam::123456789012:root'],
    ['a user of that name', 'arn:aws:iam::210987654321:user/janitor'],
    ['a role that is not assumed', 'arn:aws:iam::210987654321:role/janitor'],
    ['a placeholder', session('123456789012', 'interlock-{stage}-auditor')],
    ['a session with another behind it', `${session('210987654321', 'janitor')}/more`],
  ])('is not that of %s', (_what, userArn) => {
    expect(agentOfSession(userArn, ROLES, DEPLOYMENT)).toBeUndefined();
  });
});

describe('the operator of a token', () => {
  const claims = (groups: string, username = 'alice') => ({
    'cognito:username': username,
    'cognito:groups': groups,
  });

  it.each([
    ['one group', 'interlock-operators'],
    ['several, by commas', 'a,interlock-operators,b'],
    ['several, in brackets', '[a interlock-operators]'],
  ])('is a member in %s', (_how, groups) => {
    expect(operatorOfClaims(claims(groups))).toEqual({ type: 'Operator', id: 'alice' });
  });

  it.each([
    ['no claims', undefined],
    ['no group', { 'cognito:username': 'alice' }],
    ['another group', claims('interlock-operators-of-old')],
    ['a name that evidence cannot carry', claims('interlock-operators', 'al ice')],
    ['an empty name', claims('interlock-operators', '')],
  ])('is nobody with %s', (_what, given) => {
    expect(operatorOfClaims(given)).toBeUndefined();
  });
});
