import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ACCOUNT, allow, assume, createRole, outcomeOf, policyOf } from './account.ts';
import { clientOptions, type Emulator, startEmulator } from './emulator.ts';

// As patches.e2e.ts does for the others.
describe.each([
  ['stock MiniStack', true],
  ['the patched MiniStack', false],
])('the sessions of %s', (_name, isStock) => {
  const stockOr = <T>(stock: T, patched: T): T => (isStock ? stock : patched);
  let emulator: Emulator;
  let caller: string;
  let sts: STSClient;
  beforeAll(async () => {
    emulator = await startEmulator({ auth: true, isStock });
    const may = [allow('sts:*', '*')];
    caller = await createRole(emulator, { name: 'caller', path: '/a/', may });
    sts = new STSClient(await assume(emulator, caller));
  });
  afterAll(() => emulator.stop());

  /** Makes a role that the principal may use so. */
  const trusting = async (RoleName: string, principal: string, ...actions: string[]) => {
    const trust = { Effect: 'Allow', Principal: { AWS: principal }, Action: actions };
    const AssumeRolePolicyDocument = policyOf(trust);
    const role = { RoleName, Path: '/b/', AssumeRolePolicyDocument };
    await new IAMClient(clientOptions(emulator)).send(new CreateRoleCommand(role));
    return `arn:aws:iam::${ACCOUNT}:role/b/${RoleName}`;
  };
  const enter = (RoleArn: string, more: object = {}) =>
    outcomeOf(sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', ...more })));

  test('a role that does not let its sessions say who they are for', async () => {
    const silent = await trusting('silent', caller, 'sts:AssumeRole');
    const open = await trusting('open', caller, 'sts:AssumeRole', 'sts:SetSourceIdentity');
    const SourceIdentity = 'agent';

    expect(await enter(silent)).toBe('allowed');
    expect(await enter(silent, { SourceIdentity })).toBe(stockOr('allowed', 'AccessDenied'));
    expect(await enter(open, { SourceIdentity })).toBe('allowed');
  });

  test('a role that trusts another of the same name', async () => {
    const other = await trusting('other', caller.replace('/a/', '/c/'), 'sts:AssumeRole');

    expect(await enter(other)).toBe(stockOr('allowed', 'AccessDenied'));
  });

  test('a role by an ARN with another path', async () => {
    const arn = await trusting('deep', caller, 'sts:AssumeRole');

    expect(await enter(arn.replace('/b/', '/c/'))).toBe(stockOr('allowed', 'AccessDenied'));
    expect(await enter(arn)).toBe('allowed');
  });

  test.each([
    [899, 'ValidationError'],
    [900, 'allowed'],
    [3600, 'allowed'],
    [3601, 'ValidationError'],
  ])('a session of %i seconds', async (DurationSeconds, outcome) => {
    const arn = await trusting(`of-${DurationSeconds}`, caller, 'sts:AssumeRole');

    expect(await enter(arn, { DurationSeconds })).toBe(stockOr('allowed', outcome));
  });
});
