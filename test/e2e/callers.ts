import { randomBytes } from 'node:crypto';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  CreateRoleCommand,
  GetRoleCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { OPERATORS_GROUP } from '../../adapters/aws/principals.ts';
import { requestSigner } from '../../adapters/aws/request-signer.ts';
import { type Client, createClient } from '../../api/client.ts';
import type { Transport } from '../../api/transport.ts';
import { ACCOUNT, allow, assume, policyOf } from './emulator/account.ts';
import { clientOptions } from './emulator/emulator.ts';
import { outputOf, type World } from './world.ts';

type Where = Pick<World, 'emulator' | 'outputs' | 'iam'>;

/** The emulator's address of a REST API whose address on AWS the stack has put out. */
export function endpointOf({ emulator, outputs }: Where, output: 'AgentApi' | 'OperatorApi') {
  const { hostname, pathname } = new URL(outputOf(outputs, output));
  const [id] = hostname.split('.');
  return `${emulator.endpoint}/_aws/execute-api/${id}${pathname.replace(/\/$/, '')}`;
}

/**
 * The role that `agents.json` names for an agent, which its owner has made; its ARN. The auditor's
 * comes with the stack: there a test may have a session of it too.
 */
export async function makeAgentRole({ iam, outputs }: Where, agent: string): Promise<string> {
  const RoleName = `interlock-prod-${agent}`;
  const trust = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } };
  const own = { ...trust, Action: 'sts:AssumeRole' };
  const known = await iam.send(new GetRoleCommand({ RoleName })).catch(() => undefined);
  if (known?.Role !== undefined) {
    const { Arn = '', AssumeRolePolicyDocument: document = '' } = known.Role;
    const { Statement: deployed } = JSON.parse(decodeURIComponent(document));
    const PolicyDocument = policyOf(...deployed, own);
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    return Arn;
  }
  const role = { RoleName, Path: '/interlock/', AssumeRolePolicyDocument: policyOf(own) };
  const made = await iam.send(new CreateRoleCommand(role));
  const PolicyDocument = policyOf(allow('execute-api:Invoke', outputOf(outputs, 'AgentApiArn')));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'call', PolicyDocument }));
  return made.Role?.Arn ?? '';
}

/** How a session of a role reaches a surface, the agents' by default. */
export async function sessionTransport(
  world: Where,
  roleArn: string,
  output: 'AgentApi' | 'OperatorApi' = 'AgentApi',
): Promise<Transport> {
  const { credentials, region } = await assume(world.emulator, roleArn);
  const sign = requestSigner({ region, credentials: async () => credentials });
  return { endpoint: endpointOf(world, output), sign };
}

/** A client of an agent, whose role is made with it. */
export async function agentClient(world: Where, agent: string): Promise<Client> {
  return createClient(await sessionTransport(world, await makeAgentRole(world, agent)));
}

/** The ID token of a new user, who is an operator unless it is said otherwise. */
export async function operatorToken(
  { emulator, outputs }: Where,
  username: string,
  { isOperator = true } = {},
): Promise<string> {
  const client = new CognitoIdentityProviderClient(clientOptions(emulator));
  const UserPoolId = outputOf(outputs, 'UserPool');
  const user = { UserPoolId, Username: username };
  const password = `Aa1!${randomBytes(12).toString('hex')}`;
  await client.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }));
  const lasting = { ...user, Password: password, Permanent: true };
  await client.send(new AdminSetUserPasswordCommand(lasting));
  const member = { ...user, GroupName: OPERATORS_GROUP };
  if (isOperator) await client.send(new AdminAddUserToGroupCommand(member));
  const answer = await client.send(
    new InitiateAuthCommand({
      ClientId: outputOf(outputs, 'UserPoolClient'),
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: username, PASSWORD: password },
    }),
  );
  return answer.AuthenticationResult?.IdToken ?? '';
}

/** A client of an operator, who is made with it. */
export async function operatorClient(world: Where, username: string): Promise<Client> {
  const token = await operatorToken(world, username);
  return createClient({ endpoint: endpointOf(world, 'OperatorApi'), token });
}
