import { readFileSync } from 'node:fs';
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  type Account,
  type Group,
  type ManagedPolicy,
  parseAccount,
  type Role,
  type User,
} from '../../../iam/account.ts';
import { ACCOUNT } from './account.ts';
import { clientOptions, type Emulator } from './emulator.ts';

/** The requests that are under way at once. */
const CONCURRENCY = 8;

/**
 * Fills the IAM of an emulator with the users, groups, roles and managed policies of a GAAD file,
 * given as its path or its value: paths, trust, documents, attachments, boundaries, tags and the
 * ids of versions are the file's. The file's account id becomes `accountId`, wherever it stands.
 * Fails when something of a name is there already, or a policy of AWS is not known to the emulator.
 */
export async function seedAccount(
  emulator: Emulator,
  gaad: string | object,
  accountId: string = ACCOUNT,
): Promise<Account> {
  const account = parseAccount(movedTo(accountId, gaad));
  const iam = new IAMClient(clientOptions(emulator, accountId));
  const policies = [...account.policies.values()];
  const isOfAws = ({ arn }: ManagedPolicy) => arn.includes(':iam::aws:');
  // What others refer to comes first.
  await each(policies, (policy) =>
    isOfAws(policy)
      ? iam.send(new GetPolicyCommand({ PolicyArn: policy.arn }))
      : seedPolicy(iam, policy),
  );
  await each(account.groups.values(), (group) => seedGroup(iam, group));
  await each(account.users.values(), (user) => seedUser(iam, user));
  await each(account.roles.values(), (role) => seedRole(iam, role));
  iam.destroy();
  return account;
}

/** The value of a GAAD file, moved to another account. */
export function movedTo(accountId: string, gaad: string | object): unknown {
  const text = typeof gaad === 'string' ? readFileSync(gaad, 'utf8') : JSON.stringify(gaad);
  const { accountId: own } = parseAccount(JSON.parse(text));
  return JSON.parse(text.replaceAll(own, accountId));
}

// Ids of versions are IAM's own, ascending: those that the file has not are made and deleted.
async function seedPolicy(iam: IAMClient, policy: ManagedPolicy): Promise<void> {
  const { name: PolicyName, path: Path, arn: PolicyArn, documentText } = policy;
  const textOf = (id: string) => policy.versions.find((one) => one.id === id)?.documentText;
  const last = Math.max(...policy.versions.map((one) => Number(one.id.slice(1))));
  const first = { PolicyName, Path, PolicyDocument: textOf('v1') ?? documentText };
  await iam.send(new CreatePolicyCommand(first));
  let hasFirst = true;
  for (let number = 2; number <= last; number += 1) {
    const id = `v${number}`;
    const text = textOf(id);
    const isFirstOfFile = hasFirst && text !== undefined && textOf('v1') === undefined;
    const made = new CreatePolicyVersionCommand({
      PolicyArn,
      PolicyDocument: text ?? documentText,
      SetAsDefault: isFirstOfFile || id === policy.defaultVersionId,
    });
    await iam.send(made);
    const superfluous = text === undefined ? id : isFirstOfFile ? 'v1' : undefined;
    if (isFirstOfFile) hasFirst = false;
    if (superfluous !== undefined)
      await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: superfluous }));
  }
}

async function seedGroup(iam: IAMClient, { name, path, inline, attached }: Group): Promise<void> {
  const GroupName = name;
  await iam.send(new CreateGroupCommand({ GroupName, Path: path }));
  for (const { name: PolicyName, documentText: PolicyDocument } of inline)
    await iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument }));
  for (const { arn: PolicyArn } of attached)
    await iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn }));
}

async function seedUser(iam: IAMClient, user: User): Promise<void> {
  const UserName = user.name;
  await iam.send(new CreateUserCommand({ UserName, ...principalOf(user) }));
  for (const { name: PolicyName, documentText: PolicyDocument } of user.inline)
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }));
  for (const { arn: PolicyArn } of user.attached)
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
  for (const GroupName of user.groups)
    await iam.send(new AddUserToGroupCommand({ UserName, GroupName }));
}

async function seedRole(iam: IAMClient, role: Role): Promise<void> {
  const RoleName = role.name;
  const AssumeRolePolicyDocument = role.trustText;
  const made = { RoleName, AssumeRolePolicyDocument, ...principalOf(role) };
  await iam.send(new CreateRoleCommand(made));
  for (const { name: PolicyName, documentText: PolicyDocument } of role.inline)
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  for (const { arn: PolicyArn } of role.attached)
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
}

function principalOf({ path: Path, tags, boundaryArn }: User | Role) {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return {
    Path,
    Tags,
    ...(boundaryArn === undefined ? {} : { PermissionsBoundary: boundaryArn }),
  };
}

async function each<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}
