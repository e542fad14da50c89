import {
  AttachRolePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  type EntityType,
  GetAccountAuthorizationDetailsCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  SetDefaultPolicyVersionCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ACCOUNT, allow, createPolicy, createRole, outcomeOf, policyOf } from './account.ts';
import { clientOptions, type Emulator, startEmulator } from './emulator.ts';

// As patches.e2e.ts does for the others.
describe.each([
  ['stock MiniStack', true],
  ['the patched MiniStack', false],
])('the account of %s', (_name, isStock) => {
  const stockOr = <T>(stock: T, patched: T): T => (isStock ? stock : patched);
  let emulator: Emulator;
  let iam: IAMClient;
  beforeAll(async () => {
    emulator = await startEmulator({ auth: true, isStock });
    iam = new IAMClient(clientOptions(emulator));
  });
  afterAll(() => emulator.stop());

  test('the default version of a managed policy is set back', async () => {
    const PolicyArn = await createPolicy(emulator, 'versioned');
    const PolicyDocument = policyOf(allow('s3:GetObject', '*'));
    const second = { PolicyArn, PolicyDocument, SetAsDefault: true };
    await iam.send(new CreatePolicyVersionCommand(second));

    const call = iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));

    expect(await outcomeOf(call)).toBe(stockOr('InvalidAction', 'allowed'));
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
    expect(Policy?.DefaultVersionId).toBe(stockOr('v2', 'v1'));
    const none = new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v9' });
    expect(await outcomeOf(iam.send(none))).toBe(stockOr('InvalidAction', 'NoSuchEntityException'));
  });

  test('the id of a deleted version of a policy', async () => {
    const PolicyArn = await createPolicy(emulator, 'used-ids');
    const PolicyDocument = policyOf(allow('s3:GetObject', '*'));
    const make = async () => {
      const version = { PolicyArn, PolicyDocument, SetAsDefault: false };
      const { PolicyVersion } = await iam.send(new CreatePolicyVersionCommand(version));
      return PolicyVersion?.VersionId ?? '';
    };
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: await make() }));

    const VersionId = await make();

    expect(VersionId).toBe(stockOr('v2', 'v3'));
    await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
    expect([await make(), await make()]).toEqual(stockOr(['v3', 'v4'], ['v4', 'v5']));
  });

  test('the details of an account: boundaries, policies of AWS, and dates', async () => {
    const PermissionsBoundary = await createPolicy(emulator, 'limits');
    const RoleName = 'limited';
    await createRole(emulator, { name: RoleName });
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
    const ofAws = 'arn:aws:iam::aws:policy/SecurityAudit';
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: ofAws }));

    const all = await iam.send(new GetAccountAuthorizationDetailsCommand({}));
    const Filter: EntityType[] = ['AWSManagedPolicy'];
    const some = await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter }));

    const role = all.RoleDetailList?.find((one) => one.RoleName === RoleName);
    expect(role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(
      stockOr(undefined, PermissionsBoundary),
    );
    const limits = all.Policies?.find(({ Arn }) => Arn === PermissionsBoundary);
    expect(limits?.PermissionsBoundaryUsageCount).toBe(stockOr(undefined, 1));
    expect(limits?.CreateDate instanceof Date).toBe(!isStock);
    const listed = (details: typeof all) => details.Policies?.some(({ Arn }) => Arn === ofAws);
    expect([listed(all), listed(some)]).toEqual([!isStock, !isStock]);
    expect(some.Policies ?? []).toHaveLength(stockOr(0, 1));
    expect(some.RoleDetailList ?? []).toHaveLength(0);
  });

  test('attaching a policy that is not there, and an eleventh', async () => {
    const RoleName = 'full';
    await createRole(emulator, { name: RoleName });
    const attach = (PolicyArn: string) =>
      outcomeOf(iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn })));
    const missing = `arn:aws:iam::${ACCOUNT}:policy/missing`;

    const first = await attach(missing);
    const more: string[] = [];
    for (let index = 0; index < 11; index += 1)
      more.push(await attach(await createPolicy(emulator, `of-many-${index}`)));

    expect(first).toBe(stockOr('allowed', 'NoSuchEntityException'));
    expect(more.slice(0, 10)).toEqual(Array(10).fill('allowed'));
    expect(more[10]).toBe(stockOr('allowed', 'LimitExceededException'));
    expect(await attach(`arn:aws:iam::${ACCOUNT}:policy/of-many-0`)).toBe('allowed');
  });

  test('the policies of AWS that the sample account attaches', async () => {
    const name = 'aws-service-role/AWSSupportServiceRolePolicy';
    const get = new GetPolicyCommand({ PolicyArn: `arn:aws:iam::aws:policy/${name}` });

    expect(await outcomeOf(iam.send(get))).toBe(stockOr('NoSuchEntityException', 'allowed'));
  });
});
