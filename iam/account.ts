import {
  type Gaad,
  type GaadGroup,
  type GaadInline,
  type GaadPolicy,
  type GaadRole,
  type GaadUser,
  IAM_ARN,
  invalidAccount,
  parseGaad,
} from './gaad.ts';

/** An inline policy of a user, role or group. */
export interface InlinePolicy {
  readonly name: string;
  readonly documentText: string;
}

/** A managed policy attached to a user, role or group. */
export interface AttachedPolicy {
  readonly name: string;
  readonly arn: string;
}

/** What users, roles and groups have in common. */
export interface Identity {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  /** IAM's unique id (`AIDA`, `AROA`, `AGPA` ...). */
  readonly id: string;
  readonly inline: readonly InlinePolicy[];
  readonly attached: readonly AttachedPolicy[];
}

/** A group; it has no boundary and no tags. */
export interface Group extends Identity {
  readonly type: 'group';
}

/** A user; `groups` are names. */
export interface User extends Identity {
  readonly type: 'user';
  readonly tags: Readonly<Record<string, string>>;
  readonly boundaryArn?: string;
  readonly groups: readonly string[];
}

/** A role with the document that says who may assume it. */
export interface Role extends Identity {
  readonly type: 'role';
  readonly tags: Readonly<Record<string, string>>;
  readonly boundaryArn?: string;
  readonly trustText: string;
}

/** One version of a managed policy. */
export interface PolicyVersion {
  readonly id: string;
  readonly documentText: string;
}

/** A managed policy, the customer's or AWS's own. */
export interface ManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly id: string;
  readonly defaultVersionId: string;
  readonly versions: readonly PolicyVersion[];
  /** The text of the default version. */
  readonly documentText: string;
}

/** An account's identities and policies; users, roles, groups and policies by ARN. */
export interface Account {
  readonly accountId: string;
  readonly partition: string;
  readonly users: ReadonlyMap<string, User>;
  readonly roles: ReadonlyMap<string, Role>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly policies: ReadonlyMap<string, ManagedPolicy>;
  /** What the file holds of other accounts; kept out of everything above. */
  readonly foreign: readonly { readonly arn: string }[];
}

/**
 * Reads the value of `aws iam get-account-authorization-details`; unknown fields are ignored. The
 * account is the one that most principals have. Documents stay texts and may be malformed: whoever
 * needs one parses it.
 * Throws `InvalidInputError` `invalid-account` naming the place.
 */
export function parseAccount(value: unknown): Account {
  const gaad = parseGaad(value);
  const { accountId, partition } = homeOf(gaad);
  const isHome = (each: { readonly arn: string }): boolean => accountOf(each.arn) === accountId;
  const users = gaad.UserDetailList.map(toUser);
  const roles = gaad.RoleDetailList.map(toRole);
  const groups = gaad.GroupDetailList.map(toGroup);
  const policies = gaad.Policies.map(toPolicy);
  const usable = (each: ManagedPolicy): boolean => isHome(each) || accountOf(each.arn) === 'aws';
  const foreign = [
    ...[...users, ...roles, ...groups].filter((each) => !isHome(each)),
    ...policies.filter((each) => !usable(each)),
  ];
  return {
    accountId,
    partition,
    users: byArn(users.filter(isHome)),
    roles: byArn(roles.filter(isHome)),
    groups: byArn(groups.filter(isHome)),
    policies: byArn(policies.filter(usable)),
    foreign: foreign.map((each) => ({ arn: each.arn })),
  };
}

const accountOf = (text: string): string => IAM_ARN.exec(text)?.[2] ?? '';

function homeOf(gaad: Gaad): { readonly accountId: string; readonly partition: string } {
  const counts = new Map<string, number>();
  for (const { Arn } of [...gaad.UserDetailList, ...gaad.RoleDetailList]) {
    const home = Arn.split(':').slice(0, 5).join(':');
    counts.set(home, (counts.get(home) ?? 0) + 1);
  }
  // A tie goes to the lower ARN, so that the answer does not hang on the order in the file.
  const [most] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const [, partition, , , accountId] = most?.[0].split(':') ?? [];
  if (accountId === undefined || partition === undefined) {
    throw invalidAccount('has neither users nor roles, so its id is not known');
  }
  return { accountId, partition };
}

function byArn<T extends { readonly arn: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const item of items) {
    if (map.has(item.arn)) throw invalidAccount(`\`${item.arn}\` is there twice`);
    map.set(item.arn, item);
  }
  return map;
}

const attachedOf = (raw: {
  readonly AttachedManagedPolicies: readonly {
    readonly PolicyName: string;
    readonly PolicyArn: string;
  }[];
}): readonly AttachedPolicy[] =>
  raw.AttachedManagedPolicies.map((each) => ({ name: each.PolicyName, arn: each.PolicyArn }));

const inlineOf = (raw: GaadInline): readonly InlinePolicy[] =>
  raw.map((each) => ({ name: each.PolicyName, documentText: each.PolicyDocument }));

function principalOf(raw: GaadUser | GaadRole) {
  const boundaryArn = raw.PermissionsBoundary?.PermissionsBoundaryArn;
  return {
    path: raw.Path,
    arn: raw.Arn,
    attached: attachedOf(raw),
    tags: Object.fromEntries(raw.Tags.map((tag) => [tag.Key, tag.Value])),
    ...(boundaryArn === undefined ? {} : { boundaryArn }),
  };
}

function toUser(raw: GaadUser): User {
  const inline = inlineOf(raw.UserPolicyList);
  const common = { ...principalOf(raw), inline, groups: raw.GroupList };
  return { type: 'user', name: raw.UserName, id: raw.UserId, ...common };
}

function toRole(raw: GaadRole): Role {
  const inline = inlineOf(raw.RolePolicyList);
  const common = { ...principalOf(raw), inline, trustText: raw.AssumeRolePolicyDocument };
  return { type: 'role', name: raw.RoleName, id: raw.RoleId, ...common };
}

function toGroup(raw: GaadGroup): Group {
  return {
    type: 'group',
    name: raw.GroupName,
    id: raw.GroupId,
    path: raw.Path,
    arn: raw.Arn,
    inline: inlineOf(raw.GroupPolicyList),
    attached: attachedOf(raw),
  };
}

function toPolicy(raw: GaadPolicy, index: number): ManagedPolicy {
  const versions = raw.PolicyVersionList.map((each) => ({
    id: each.VersionId,
    documentText: each.Document,
  }));
  const current = versions.find((each) => each.id === raw.DefaultVersionId);
  if (current === undefined) {
    throw invalidAccount(`at \`Policies[${index}]\`: no version \`${raw.DefaultVersionId}\``);
  }
  return {
    name: raw.PolicyName,
    path: raw.Path,
    arn: raw.Arn,
    id: raw.PolicyId,
    defaultVersionId: raw.DefaultVersionId,
    versions,
    documentText: current.documentText,
  };
}
