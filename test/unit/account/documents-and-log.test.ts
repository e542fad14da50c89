import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../core/json.ts';
import { arn, document, NOW_MS, ROLE_READ, trust, withRole } from './account-world.ts';

describe('the simulated account', () => {
  it('rewrites trust policies, and keeps inline documents as they came', async () => {
    const { call } = await withRole();
    const text = `  ${document()}\n`;
    await call('PutRolePolicy', { RoleName: 'app', PolicyName: 'a', PolicyDocument: text });

    const role = (await call('GetRole', { RoleName: 'app' }))['Role'] as JsonObject;
    const inline = await call('GetRolePolicy', { RoleName: 'app', PolicyName: 'a' });

    expect(
      JSON.parse(decodeURIComponent(role['AssumeRolePolicyDocument'] as string)).Statement[0],
    ).toEqual({
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::444455556666:root' },
      Action: 'sts:AssumeRole',
    });
    expect(decodeURIComponent(inline['PolicyDocument'] as string)).toBe(text);
  });

  it('shows the unique id of a deleted principal in trust policies', async () => {
    const { call } = await withRole();
    const user = (await call('GetUser', { UserName: 'ann' }))['User'] as JsonObject;
    await call('UpdateAssumeRolePolicy', {
      RoleName: 'app',
      PolicyDocument: trust(arn('user/ann')),
    });
    await call('DeleteUser', { UserName: 'ann' });

    const role = (await call('GetRole', { RoleName: 'app' }))['Role'] as JsonObject;

    expect(role['AssumeRolePolicyDocument']).toContain(user['UserId'] as string);
  });

  it('logs every mutating call, refused ones too', async () => {
    const { account, call } = await withRole();
    const seen = account.mutations().length;
    await call('AttachRolePolicy', ROLE_READ);
    await call('DetachRolePolicy', ROLE_READ);
    await call('DetachRolePolicy', ROLE_READ).catch(() => undefined);
    await call('GetRole', { RoleName: 'app' });

    const log = account.mutations().slice(seen);

    expect(log.map((one) => one.operation.slice(4))).toEqual([
      'AttachRolePolicy',
      'DetachRolePolicy',
      'DetachRolePolicy',
    ]);
    expect(log.at(-1)).toMatchObject({
      principal: 'admin',
      at: NOW_MS,
      answer: { error: { code: 'NoSuchEntity' } },
    });
  });

  it('pages lists', async () => {
    const { call } = await withRole();
    for (const PolicyName of ['a', 'b', 'c']) {
      await call('PutRolePolicy', { RoleName: 'app', PolicyName, PolicyDocument: document() });
    }

    const first = await call('ListRolePolicies', { RoleName: 'app', MaxItems: 2 });
    const rest = await call('ListRolePolicies', {
      RoleName: 'app',
      MaxItems: 2,
      Marker: first['Marker'] as string,
    });

    expect([first['PolicyNames'], rest['PolicyNames'], rest['IsTruncated']]).toEqual([
      ['a', 'b'],
      ['c'],
      false,
    ]);
  });
});
