/** A user or role of a GAAD file with the texts of all that it is granted. */
export interface Holder {
  readonly arn: string;
  readonly identity: readonly string[];
  readonly boundary: string | undefined;
}

interface NamedDocument {
  readonly PolicyDocument: unknown;
}
interface Entity {
  readonly Arn: string;
  readonly AttachedManagedPolicies?: readonly { readonly PolicyArn: string }[];
  readonly UserPolicyList?: readonly NamedDocument[];
  readonly RolePolicyList?: readonly NamedDocument[];
  readonly GroupPolicyList?: readonly NamedDocument[];
  readonly GroupList?: readonly string[];
  readonly GroupName?: string;
  readonly PermissionsBoundary?: { readonly PermissionsBoundaryArn: string };
}
interface Policy {
  readonly Arn: string;
  readonly DefaultVersionId: string;
  readonly PolicyVersionList: readonly { readonly VersionId: string; readonly Document: unknown }[];
}
interface Gaad {
  readonly UserDetailList: readonly Entity[];
  readonly RoleDetailList: readonly Entity[];
  readonly GroupDetailList: readonly Entity[];
  readonly Policies: readonly Policy[];
}

/** Every user and role of the file, those of other accounts too. */
export function holdersOf(gaad: unknown): readonly Holder[] {
  const { UserDetailList, RoleDetailList, GroupDetailList, Policies } = gaad as Gaad;
  const managed = new Map(Policies.map((policy) => [policy.Arn, defaultText(policy)]));
  // A policy that the file lacks stands for itself: no text that parses.
  const managedText = (arn: string): string => managed.get(arn) ?? `missing ${arn}`;
  const textsOf = (entity: Entity): readonly string[] => [
    ...(entity.AttachedManagedPolicies ?? []).map((each) => managedText(each.PolicyArn)),
    ...[entity.UserPolicyList, entity.RolePolicyList, entity.GroupPolicyList].flatMap((list) =>
      (list ?? []).map((each) => textOf(each.PolicyDocument)),
    ),
  ];
  return [...UserDetailList, ...RoleDetailList].map((entity) => {
    const groups = GroupDetailList.filter(
      (group) => entity.GroupList?.includes(group.GroupName ?? '') && accountsMeet(group, entity),
    );
    const bound = entity.PermissionsBoundary?.PermissionsBoundaryArn;
    return {
      arn: entity.Arn,
      identity: [entity, ...groups].flatMap(textsOf),
      boundary: bound === undefined ? undefined : managedText(bound),
    };
  });
}

const accountsMeet = (one: Entity, other: Entity): boolean =>
  one.Arn.split(':')[4] === other.Arn.split(':')[4];

function defaultText({ DefaultVersionId, PolicyVersionList }: Policy): string {
  const version = PolicyVersionList.find((each) => each.VersionId === DefaultVersionId);
  return textOf(version?.Document ?? 'missing version');
}

function textOf(document: unknown): string {
  if (typeof document !== 'string') return JSON.stringify(document);
  return document.startsWith('%7B') ? decodeURIComponent(document) : document;
}
