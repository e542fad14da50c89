import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LOCATE_ACTIONS } from '../../../actions/iam/locate.ts';
import { registry } from '../../../actions/registry.ts';
import { iamSessions } from '../../../adapters/aws/cloud.ts';
import type { PermissionStatement } from '../../../core/action.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Cloud, CloudRequest } from '../../../core/ports/cloud.ts';
import { sessionPolicyText } from '../../../core/session-policy.ts';
import { ACTION_CASES } from '../../integration/support/action-cases.ts';
import {
  ACCOUNT_ID,
  ROLE_NAME,
  roleNameAt,
  smallAccount,
  USER_NAME,
} from '../../integration/support/small-account.ts';
import { accountState } from '../emulator/account-state.ts';
import { clientOptions, type Emulator, startEmulator } from '../emulator/emulator.ts';
import { seedAccount } from '../emulator/seed.ts';
import { type GovernedAccount, governAccount, sessionOf } from './governed-account.ts';

const CONTEXT = { partition: 'aws', accountId: ACCOUNT_ID };
const MINUTE_MS = 60_000;
const OTHER_USER = 'bob';

let emulator: Emulator;
let governed: GovernedAccount;
beforeAll(async () => {
  emulator = await startEmulator({ auth: true });
  await seedAccount(emulator, twoOfEach(), ACCOUNT_ID);
  governed = await governAccount(emulator, ACCOUNT_ID);
});
afterAll(() => emulator.stop());

/** Two roles and two users, so that there is another one than that of the step. */
function twoOfEach(): JsonObject {
  const account = smallAccount(2);
  const [user] = account['UserDetailList'] as readonly JsonObject[];
  const text = JSON.stringify(user).replaceAll(`${USER_NAME}"`, `${OTHER_USER}"`);
  return { ...account, UserDetailList: [user as JsonObject, JSON.parse(text) as JsonObject] };
}

async function open(
  statements: readonly PermissionStatement[],
  notAfterMs?: number,
): Promise<Cloud> {
  const session = await sessionOf(governed, sessionPolicyText(statements, notAfterMs));
  const { region, endpoint } = clientOptions(emulator);
  return iamSessions({ region, endpoint, timeoutMs: 5000 })(session.credentials);
}

async function refusalOf(cloud: Cloud, request: CloudRequest): Promise<string> {
  return cloud.call(request).then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
}

describe.each(ACTION_CASES)('$id under its own session policies', ({ id, step }) => {
  const action = registry.byId(id) ?? fail(id);
  const { input } = step;
  const own: CloudRequest = { operation: id, input };
  const elsewhere: CloudRequest = {
    operation: id,
    input:
      input['RoleName'] === ROLE_NAME
        ? { ...input, RoleName: roleNameAt(1) }
        : { ...input, UserName: OTHER_USER },
  };
  const others = ACTION_CASES.filter((one) => one.id !== id);

  const prepare = async () => {
    const located = await open([{ actions: LOCATE_ACTIONS, resources: ['*'] }]);
    const target = await action.locate(input, CONTEXT, located);
    const { read, apply, compensate } = action.permissions(target, input);
    const until = Date.now() + MINUTE_MS;
    return {
      target,
      located,
      reader: await open(read),
      applier: await open(apply, until),
      compensator: await open(compensate, until),
      late: await open(apply, Date.now() - 1),
    };
  };

  it('is read back as predicted, and after compensation as before', async () => {
    const { target, reader, applier, compensator } = await prepare();
    const state = await accountState(emulator, ACCOUNT_ID);
    const before = await action.read(target, input, reader);
    const predicted = action.predict(input, before);

    await action.apply(target, input, before, applier);
    const after = await action.read(target, input, reader);
    const changed = await accountState(emulator, ACCOUNT_ID);
    await action.compensate(target, input, before, compensator);
    await action.compensate(target, input, before, compensator);

    expect(after).toEqual(predicted);
    expect(changed).not.toEqual(state);
    expect(await action.read(target, input, reader)).toEqual(before);
    expect(await accountState(emulator, ACCOUNT_ID)).toEqual(state);
  });

  it('is not made by a session that reads, is late, or of another step', async () => {
    const state = await accountState(emulator, ACCOUNT_ID);
    const { located, reader, applier, compensator, late } = await prepare();

    for (const cloud of [located, reader, late])
      expect(await refusalOf(cloud, own)).toBe('AccessDenied');
    for (const cloud of [applier, compensator]) {
      expect(await refusalOf(cloud, elsewhere)).toBe('AccessDenied');
      expect(await refusalOf(cloud, readOf(input))).toBe('AccessDenied');
    }
    for (const { step: other } of others)
      expect([
        other.action,
        await refusalOf(applier, { operation: other.action, input: other.input }),
      ]).toEqual([other.action, 'AccessDenied']);
    expect(await accountState(emulator, ACCOUNT_ID)).toEqual(state);
  });
});

function readOf({ RoleName, UserName }: JsonObject): CloudRequest {
  return RoleName === undefined
    ? { operation: 'iam:GetUser', input: { UserName: UserName ?? '' } }
    : { operation: 'iam:GetRole', input: { RoleName } };
}

function fail(id: string): never {
  throw new Error(`there is no action ${id}`);
}
