import {
  CreatePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { clientOptions, type Emulator } from './emulator.ts';

/** The account in which the keys of the tests are root. */
export const ACCOUNT = '000000000000';

/** A statement that allows one action, for a policy or a session policy. */
export function allow(Action: string | string[], Resource: string, Condition: object = {}): object {
  return { Effect: 'Allow', Action, Resource, Condition };
}

/** The text of a policy of these statements. */
export function policyOf(...statements: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

/** Makes a role that the account's root may assume and that may do these statements; its ARN. */
export async function createRole(
  emulator: Emulator,
  role: { readonly name: string; readonly path?: string; readonly may?: readonly object[] },
): Promise<string> {
  const client = new IAMClient(clientOptions(emulator));
  const trust = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } };
  const made = await client.send(
    new CreateRoleCommand({
      RoleName: role.name,
      Path: role.path ?? '/',
      AssumeRolePolicyDocument: policyOf({ ...trust, Action: ['sts:AssumeRole'] }),
    }),
  );
  const PolicyDocument = policyOf(...(role.may ?? []));
  if (role.may !== undefined) {
    const inline = { RoleName: role.name, PolicyName: 'may', PolicyDocument };
    await client.send(new PutRolePolicyCommand(inline));
  }
  return made.Role?.Arn ?? '';
}

/** Makes a managed policy that allows nothing of interest; its ARN. */
export async function createPolicy(emulator: Emulator, name: string): Promise<string> {
  const made = await new IAMClient(clientOptions(emulator)).send(
    new CreatePolicyCommand({
      PolicyName: name,
      PolicyDocument: policyOf(allow('s3:ListBucket', '*')),
    }),
  );
  return made.Policy?.Arn ?? '';
}

/** The configuration of a client in a session of the role, narrowed by the session policy. */
export async function assume(emulator: Emulator, RoleArn: string, Policy?: string) {
  const { Credentials: keys } = await new STSClient(clientOptions(emulator)).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', Policy }),
  );
  return {
    ...clientOptions(emulator),
    credentials: {
      accessKeyId: keys?.AccessKeyId ?? '',
      secretAccessKey: keys?.SecretAccessKey ?? '',
      sessionToken: keys?.SessionToken ?? '',
    },
  };
}

/** `allowed`, or the name of the error that the call was answered with. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'allowed',
    (error: Error) => error.name,
  );
}
