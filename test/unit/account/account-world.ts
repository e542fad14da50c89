import { openAccount, type SimulatedAccount } from '../../../adapters/embedded/account/account.ts';
import type { Json, JsonObject } from '../../../core/json.ts';

export const NOW_MS = Date.UTC(2026, 0, 1);
export const ID = '111122223333';
export const arn = (rest: string): string => `arn:aws:iam::${ID}:${rest}`;
export const document = (action = 's3:GetObject'): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
  });
export const trust = (principal: Json): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: principal }, Action: ['sts:AssumeRole'] }],
  });
export const TRUST = trust('444455556666');

export type Calls = (operation: string, input?: JsonObject) => Promise<JsonObject>;
export const open = (options = {}): { account: SimulatedAccount; call: Calls } => {
  const account = openAccount(':memory:', { now: () => NOW_MS, ...options });
  const cloud = account.admin();
  return {
    account,
    call: async (operation, input = {}) =>
      (await cloud.call({ operation: `iam:${operation}`, input })) as JsonObject,
  };
};
export const withRole = async (): Promise<{ account: SimulatedAccount; call: Calls }> => {
  const world = open();
  await world.call('CreateRole', { RoleName: 'app', AssumeRolePolicyDocument: TRUST });
  await world.call('CreateUser', { UserName: 'ann' });
  await world.call('CreatePolicy', { PolicyName: 'read', PolicyDocument: document() });
  return world;
};
export const READ = arn('policy/read');
export const ROLE_READ = { RoleName: 'app', PolicyArn: READ };
