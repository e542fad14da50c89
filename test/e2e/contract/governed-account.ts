import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { roleName } from '../../../infra/names.ts';
import {
  type Resource,
  resourcesOf,
  synthesize,
  type Template,
} from '../../unit/infra/synthesis.ts';
import { ACCOUNT, allow, assume, createRole } from '../emulator/account.ts';
import { clientOptions, type Emulator } from '../emulator/emulator.ts';

/** A target account and the only principal that may act in it. */
export interface GovernedAccount {
  readonly actionRoleArn: string;
  /** The configuration of a client that is in a session of the vault's role. */
  readonly vault: Awaited<ReturnType<typeof assume>>;
}

/** Forgets all that an emulator holds, of every account. */
export async function resetEmulator(emulator: Emulator): Promise<void> {
  const answer = await fetch(`${emulator.endpoint}/_ministack/reset`, { method: 'POST' });
  if (!answer.ok) throw new Error(`the emulator answers ${answer.status}`);
}

/**
 * Has an account governed by a control plane in another, that of the tests' keys: makes the vault's
 * role there, and the action role here as the stack `TargetAccount` says.
 */
export async function governAccount(
  emulator: Emulator,
  accountId: string,
): Promise<GovernedAccount> {
  const { role, policy } = actionRole(accountId);
  const actionRoleArn = `arn:aws:iam::${accountId}:role${role.Path}${role.RoleName}`;
  const name = roleName('prod', 'vault');
  const may = [allow(['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'], actionRoleArn)];
  const vaultRole = await createRole(emulator, { name, path: '/interlock/', may });
  const target = new IAMClient(clientOptions(emulator, accountId));
  await target.send(new CreateRoleCommand(role));
  await target.send(new PutRolePolicyCommand(policy));
  target.destroy();
  return { actionRoleArn, vault: await assume(emulator, vaultRole) };
}

/** The configuration of a client in a session of the action role, narrowed by the session policy. */
export async function sessionOf(
  { vault, actionRoleArn }: GovernedAccount,
  Policy?: string,
): Promise<GovernedAccount['vault']> {
  const sts = new STSClient(vault);
  const { Credentials: keys } = await sts.send(
    new AssumeRoleCommand({ RoleArn: actionRoleArn, RoleSessionName: 'test', Policy }),
  );
  sts.destroy();
  return {
    ...vault,
    credentials: {
      accessKeyId: keys?.AccessKeyId ?? '',
      secretAccessKey: keys?.SecretAccessKey ?? '',
      sessionToken: keys?.SessionToken ?? '',
    },
  };
}

let template: Template | undefined;

function actionRole(accountId: string) {
  template ??= synthesize({ controlPlaneAccount: ACCOUNT }).targetAccount;
  const only = (type: string, isWanted: (one: Resource) => boolean) => {
    const found = resourcesOf(template as Template, type).filter(([, one]) => isWanted(one));
    const [one] = found;
    if (one === undefined || found.length > 1) throw new Error(`there are ${found.length} ${type}`);
    const [id, { Properties }] = one;
    return { id, properties: resolved(Properties, accountId) as Record<string, unknown> };
  };
  const name = roleName('prod', 'action');
  const { id, properties: role } = only(
    'AWS::IAM::Role',
    ({ Properties }) => Properties['RoleName'] === name,
  );
  const { properties: policy } = only('AWS::IAM::Policy', ({ Properties }) =>
    JSON.stringify(Properties['Roles']).includes(`"${id}"`),
  );
  const RoleName = String(role['RoleName']);
  return {
    role: {
      RoleName,
      Path: String(role['Path']),
      AssumeRolePolicyDocument: JSON.stringify(role['AssumeRolePolicyDocument']),
    },
    policy: {
      RoleName,
      PolicyName: String(policy['PolicyName']),
      PolicyDocument: JSON.stringify(policy['PolicyDocument']),
    },
  };
}

/** A part of a template as it is deployed in an account. */
function resolved(value: unknown, accountId: string): unknown {
  if (Array.isArray(value)) return value.map((one) => resolved(one, accountId));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name === 'Ref') {
    if (argument === 'AWS::Partition') return 'aws';
    if (argument === 'AWS::AccountId') return accountId;
    return `{${String(argument)}}`;
  }
  if (entries.length === 1 && name === 'Fn::Join')
    return (resolved((argument as readonly unknown[])[1], accountId) as string[]).join('');
  return Object.fromEntries(entries.map(([key, one]) => [key, resolved(one, accountId)]));
}
