import { GetAccountAuthorizationDetailsCommand, IAMClient } from '@aws-sdk/client-iam';
import { digestOf } from '../../../core/hash.ts';
import type { JsonObject } from '../../../core/json.ts';
import {
  type Account,
  type Identity,
  type ManagedPolicy,
  parseAccount,
} from '../../../iam/account.ts';
import { normalForm } from '../../../iam/normal-form.ts';
import { clientOptions, type Emulator } from './emulator.ts';

/** What an account holds, by ARN: two that are equal grant the same to the same. */
export type AccountState = Readonly<Record<string, JsonObject>>;

/** One digest of all that the IAM of an emulator holds of its own, unique ids included. */
export async function accountDigest(emulator: Emulator, accountId?: string): Promise<string> {
  return digestOf(await accountState(emulator, accountId));
}

/** What {@link accountDigest} is made of, for messages that say what has changed. */
export async function accountState(emulator: Emulator, accountId?: string): Promise<AccountState> {
  const account = await readAccount(emulator, accountId);
  const state = stateOf(account);
  const entities = [account.users, account.groups, account.roles, account.policies];
  const ids = new Map(entities.flatMap((map) => [...map.values()].map(({ arn, id }) => [arn, id])));
  return Object.fromEntries(
    Object.entries(state).map(([arn, entity]) => [arn, { ...entity, id: ids.get(arn) ?? '' }]),
  );
}

/** Reads the whole IAM of an emulator, as the auditor does on AWS. */
export async function readAccount(emulator: Emulator, accountId?: string): Promise<Account> {
  const client = new IAMClient(clientOptions(emulator, accountId));
  const details = await client.send(new GetAccountAuthorizationDetailsCommand({}));
  client.destroy();
  if (details.IsTruncated === true) throw new Error('the emulator has begun to page');
  return parseAccount(details);
}

/** All entities of an account but AWS's own policies, without their unique ids. */
export function stateOf(account: Account): AccountState {
  const own = [...account.policies.values()].filter(({ arn }) => !arn.includes(':iam::aws:'));
  const entities: (readonly [string, JsonObject])[] = [
    ...[...account.users.values()].map((user) => {
      const { tags, boundaryArn = '', groups } = user;
      return [
        user.arn,
        { ...identityOf(user), tags, boundaryArn, groups: sorted(groups) },
      ] as const;
    }),
    ...[...account.groups.values()].map((group) => [group.arn, identityOf(group)] as const),
    ...[...account.roles.values()].map((role) => {
      const { tags, boundaryArn = '', trustText } = role;
      const trust = normalForm(trustText);
      return [role.arn, { ...identityOf(role), tags, boundaryArn, trust }] as const;
    }),
    ...own.map((policy) => [policy.arn, policyState(policy)] as const),
  ];
  return Object.fromEntries(entities.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function identityOf({ path, inline, attached }: Identity): JsonObject {
  return {
    path,
    inline: byName(inline.map((one) => [one.name, normalForm(one.documentText)])),
    attached: sorted(attached.map(({ arn }) => arn)),
  };
}

function policyState({ path, defaultVersionId, versions }: ManagedPolicy): JsonObject {
  const documents = versions.map(({ id, documentText }) => [id, normalForm(documentText)] as const);
  return { path, defaultVersionId, versions: byName(documents) };
}

const sorted = (texts: readonly string[]): readonly string[] => [...texts].sort();

const byName = (entries: readonly (readonly [string, string])[]): JsonObject =>
  Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));
