import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  ListUsersCommand,
  PutRolePermissionsBoundaryCommand,
} from '@aws-sdk/client-iam';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ACCOUNT,
  allow,
  assume,
  createPolicy,
  createRole,
  outcomeOf,
  policyOf,
} from './account.ts';
import { clientOptions, type Emulator, startEmulator } from './emulator.ts';
import { createFunction } from './lambda.ts';
import { untilHolds } from './until.ts';

const NAMED = `const named = Object.assign(new Error('policy says no'), { name: 'DeniedError' })`;

// Each patch of patch.py twice: what stock MiniStack does, so that a patch that is no longer
// needed is noticed, and what AWS does.
describe.each([
  ['stock MiniStack', true],
  ['the patched MiniStack', false],
])('%s', (_name, isStock) => {
  const stockOr = <T>(stock: T, patched: T): T => (isStock ? stock : patched);
  let emulator: Emulator;
  let operator: string;
  beforeAll(async () => {
    emulator = await startEmulator({ auth: true, isStock });
    operator = await createRole(emulator, { name: 'operator', may: [allow('iam:*', '*')] });
  });
  afterAll(() => emulator.stop());

  const session = async (...statements: object[]) =>
    new IAMClient(await assume(emulator, operator, policyOf(...statements)));

  test.each([
    ['in a promise', 'async () => { throw named; }'],
    ['at once', '() => { throw named; }'],
  ])('the name of an error that a Lambda throws %s', async (how, handler) => {
    const name = how.replaceAll(' ', '-');
    const text = `${NAMED};\nexports.handler = ${handler};`;
    const functionArn = await createFunction(emulator, { name, role: operator, text });
    const machine = await createCatching(emulator, { name, role: operator, functionArn });

    const caught = await runToEnd(emulator, machine);

    expect(caught.by).toBe(stockOr('States.ALL', 'DeniedError'));
    expect(caught.error).toBe(stockOr('Runtime.HandlerError', 'DeniedError'));
    expect(caught.message).toBe('policy says no');
  });

  test('a session is known by the ARN of its role', async () => {
    const arn = await createRole(emulator, { name: 'known', path: '/a/', may: [allow('*', '*')] });
    const onlyKnown = allow('iam:*', '*', { ArnEquals: { 'aws:PrincipalArn': arn } });

    const own = new IAMClient(await assume(emulator, arn, policyOf(onlyKnown)));

    const call = own.send(new ListUsersCommand({}));
    expect(await outcomeOf(call)).toBe(stockOr('AccessDenied', 'allowed'));
  });

  test('a session policy that names a role by its ARN with a path', async () => {
    const PolicyArn = await createPolicy(emulator, 'for-a-path');
    const arn = await createRole(emulator, { name: 'deep', path: '/team/a/' });
    const client = await session(allow('iam:AttachRolePolicy', arn));
    const attach = new AttachRolePolicyCommand({ RoleName: 'deep', PolicyArn });

    const outcome = await outcomeOf(client.send(attach));

    expect(arn).toBe(`arn:aws:iam::${ACCOUNT}:role/team/a/deep`);
    expect(outcome).toBe(stockOr('AccessDenied', 'allowed'));
    const elsewhere = await session(allow('iam:AttachRolePolicy', arn.replace('/a/', '/b/')));
    expect(await outcomeOf(elsewhere.send(attach))).toBe('AccessDenied');
    const bare = await session(allow('iam:AttachRolePolicy', arn.replace('/team/a', '')));
    expect(await outcomeOf(bare.send(attach))).toBe(stockOr('allowed', 'AccessDenied'));
  });

  test('a session policy that names what is to be created', async () => {
    const role = `arn:aws:iam::${ACCOUNT}:role/new/one`;
    const policy = `arn:aws:iam::${ACCOUNT}:policy/new/one`;
    const client = await session(allow('iam:CreateRole', role), allow('iam:CreatePolicy', policy));
    const trust = policyOf({ ...allow('sts:AssumeRole', ''), Principal: { AWS: ACCOUNT } });
    const one = { RoleName: 'one', Path: '/new/', AssumeRolePolicyDocument: trust };
    const PolicyDocument = policyOf(allow('s3:ListBucket', '*'));

    const outcomes = [
      await outcomeOf(client.send(new CreateRoleCommand(one))),
      await outcomeOf(client.send(new CreateRoleCommand({ ...one, RoleName: 'two' }))),
      await outcomeOf(
        client.send(new CreatePolicyCommand({ PolicyName: 'one', Path: '/new/', PolicyDocument })),
      ),
    ];

    const denied = 'AccessDenied';
    expect(outcomes).toEqual(
      stockOr([denied, denied, denied], ['allowed', 'AccessDenied', 'allowed']),
    );
  });

  test('a session policy that allows to attach one policy only', async () => {
    const good = await createPolicy(emulator, 'good');
    const bad = await createPolicy(emulator, 'bad');
    const RoleName = 'attached';
    const arn = await createRole(emulator, { name: RoleName });
    const condition = { ArnEquals: { 'iam:PolicyARN': good } };
    const client = await session(allow('iam:AttachRolePolicy', arn, condition));
    const attach = (PolicyArn: string) =>
      outcomeOf(client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn })));

    const outcomes = [await attach(good), await attach(bad)];

    expect(outcomes).toEqual([stockOr('AccessDenied', 'allowed'), 'AccessDenied']);
  });

  test('a session policy that allows to set one boundary only', async () => {
    const good = await createPolicy(emulator, 'good-boundary');
    const bad = await createPolicy(emulator, 'bad-boundary');
    const RoleName = 'bounded';
    const arn = await createRole(emulator, { name: RoleName });
    const condition = { StringEquals: { 'iam:PermissionsBoundary': good } };
    const actions = ['iam:PutRolePermissionsBoundary', 'iam:AttachRolePolicy'];
    const client = await session(allow(actions, arn, condition));
    const put = (PermissionsBoundary: string) =>
      outcomeOf(
        client.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary })),
      );
    // Of a call that names no boundary the key is the boundary that the role has.
    const attach = () =>
      outcomeOf(client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: bad })));

    const outcomes = [await attach(), await put(bad), await put(good), await attach()];

    const done = stockOr('AccessDenied', 'allowed');
    expect(outcomes).toEqual(['AccessDenied', 'AccessDenied', done, done]);
  });
});

type Named = { readonly name: string; readonly role: string };

async function createCatching(
  emulator: Emulator,
  { name, role, functionArn }: Named & { readonly functionArn: string },
): Promise<string> {
  const catching = (error: string) => ({ ErrorEquals: [error], Next: error });
  const caught = (by: string) => ({
    Type: 'Pass',
    Parameters: { by, 'error.$': '$.Error', 'cause.$': 'States.StringToJson($.Cause)' },
    End: true,
  });
  const definition = {
    StartAt: 'Call',
    States: {
      Call: {
        Type: 'Task',
        Resource: functionArn,
        Catch: [catching('DeniedError'), catching('States.ALL')],
        End: true,
      },
      DeniedError: caught('DeniedError'),
      'States.ALL': caught('States.ALL'),
    },
  };
  const made = await new SFNClient(clientOptions(emulator)).send(
    new CreateStateMachineCommand({ name, roleArn: role, definition: JSON.stringify(definition) }),
  );
  return made.stateMachineArn ?? '';
}

async function runToEnd(
  emulator: Emulator,
  stateMachineArn: string,
): Promise<{ readonly by: string; readonly error: string; readonly message: string }> {
  const client = new SFNClient(clientOptions(emulator));
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  let output = '';
  await untilHolds(async () => {
    const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
    output = execution.output ?? '';
    return execution.status !== 'RUNNING';
  });
  const { by, error, cause } = JSON.parse(output);
  return { by, error, message: cause.errorMessage };
}
