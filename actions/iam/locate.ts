import type { ActionContext, Target } from '../../core/action.ts';
import { CloudRefusedError, InvalidInputError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Cloud } from '../../core/ports/cloud.ts';
import { collect } from './pages.ts';
import { decodePolicyText } from './policy-text.ts';
import { boundaryIn, type PrincipalKind, readPrincipal, textAt } from './principal-kind.ts';

/** All that a locate session may call; the only session without a fixed ARN. */
export const LOCATE_ACTIONS: readonly string[] = [
  'iam:GetGroupPolicy',
  'iam:GetPolicy',
  'iam:GetPolicyVersion',
  'iam:GetRole',
  'iam:GetRolePolicy',
  'iam:GetUser',
  'iam:GetUserPolicy',
  'iam:ListAttachedGroupPolicies',
  'iam:ListAttachedRolePolicies',
  'iam:ListAttachedUserPolicies',
  'iam:ListGroupPolicies',
  'iam:ListGroupsForUser',
  'iam:ListRolePolicies',
  'iam:ListUserPolicies',
];

/** The attachments and inline documents of a principal or a group. */
export interface Grants {
  readonly attached: readonly string[];
  /** Inline policy name -> document text. */
  readonly inline: Readonly<Record<string, string>>;
}

/** What locate records of a principal, so that `facts` can tell what a step grants. */
export interface PrincipalAttributes extends Grants {
  readonly boundary?: string;
  readonly groups: Readonly<Record<string, Grants>>;
  /** Policy ARN -> document of its default version; a policy that is not readable is left out. */
  readonly documents: Readonly<Record<string, string>>;
}

/**
 * Reads a principal with everything that it is granted. `policyArn` names a policy that the step
 * attaches, detaches or makes a boundary: it must exist and be attachable, or it could not be put
 * back.
 */
export async function locatePrincipal(
  kind: PrincipalKind,
  { input, policyArn, context }: LocateRequest,
  cloud: Cloud,
): Promise<Target> {
  const name = textAt(input, kind.nameField);
  const principal = await readPrincipal(kind, name, cloud);
  const arn = textAt(principal, 'Arn');
  if (arn.split(':')[4] !== context.accountId) {
    throw new InvalidInputError('wrong-account', `\`${arn}\` is not of \`${context.accountId}\``);
  }
  const attributes = await readAttributes(kind, { name, principal, policyArn }, cloud);
  return {
    accountId: context.accountId,
    arn,
    uniqueId: textAt(principal, kind.idField),
    attributes: attributes as unknown as JsonObject,
    affected: [{ arn, path: textAt(principal, 'Path'), tags: tagsOf(principal) }],
  };
}

export interface LocateRequest {
  readonly input: JsonObject;
  readonly policyArn: string | undefined;
  readonly context: ActionContext;
}

async function readAttributes(
  kind: PrincipalKind,
  known: {
    readonly name: string;
    readonly principal: JsonObject;
    readonly policyArn: string | undefined;
  },
  cloud: Cloud,
): Promise<PrincipalAttributes> {
  const own = await readGrants(kind.label, { [kind.nameField]: known.name }, cloud);
  const groups = kind.noun === 'user' ? await readGroups(known.name, cloud) : {};
  const boundary = boundaryIn(known.principal);
  const documents: Record<string, string> = {};
  if (known.policyArn !== undefined) {
    documents[known.policyArn] = await readPolicy(known.policyArn, cloud);
  }
  const arns = [own, ...Object.values(groups)].flatMap((grants) => grants.attached);
  for (const arn of boundary === undefined ? arns : [...arns, boundary]) {
    if (documents[arn] !== undefined) continue;
    const text = await readKnownPolicy(arn, cloud);
    if (text !== undefined) documents[arn] = text;
  }
  return { ...own, groups, documents, ...(boundary === undefined ? {} : { boundary }) };
}

async function readGroups(userName: string, cloud: Cloud): Promise<Record<string, Grants>> {
  const request = { operation: 'iam:ListGroupsForUser', input: { UserName: userName } };
  const groups: Record<string, Grants> = {};
  for (const group of await collect(cloud, request, 'Groups')) {
    const name = textAt(group as JsonObject, 'GroupName');
    groups[name] = await readGrants('Group', { GroupName: name }, cloud);
  }
  return groups;
}

async function readGrants(label: string, input: JsonObject, cloud: Cloud): Promise<Grants> {
  const attached = await collect(
    cloud,
    { operation: `iam:ListAttached${label}Policies`, input },
    'AttachedPolicies',
  );
  const names = await collect(
    cloud,
    { operation: `iam:List${label}Policies`, input },
    'PolicyNames',
  );
  const inline: Record<string, string> = {};
  for (const name of names as readonly string[]) {
    const answer = await cloud.call({
      operation: `iam:Get${label}Policy`,
      input: { ...input, PolicyName: name },
    });
    inline[name] = decodePolicyText(textAt(answer as JsonObject, 'PolicyDocument'));
  }
  return { attached: attached.map((one) => textAt(one as JsonObject, 'PolicyArn')), inline };
}

async function readPolicy(arn: string, cloud: Cloud): Promise<string> {
  const answer = await cloud.call({ operation: 'iam:GetPolicy', input: { PolicyArn: arn } });
  const policy = (answer as JsonObject)['Policy'] as JsonObject;
  if (policy['IsAttachable'] === false) {
    throw new InvalidInputError('policy-not-attachable', `\`${arn}\` could not be attached again`);
  }
  return readDefaultVersion(arn, policy, cloud);
}

async function readKnownPolicy(arn: string, cloud: Cloud): Promise<string | undefined> {
  try {
    const answer = await cloud.call({ operation: 'iam:GetPolicy', input: { PolicyArn: arn } });
    return await readDefaultVersion(arn, (answer as JsonObject)['Policy'] as JsonObject, cloud);
  } catch (error) {
    // Its document stays unknown, and what depends on it counts as widening.
    if (error instanceof CloudRefusedError && error.code === 'NoSuchEntity') return undefined;
    throw error;
  }
}

async function readDefaultVersion(arn: string, policy: JsonObject, cloud: Cloud): Promise<string> {
  const answer = await cloud.call({
    operation: 'iam:GetPolicyVersion',
    input: { PolicyArn: arn, VersionId: textAt(policy, 'DefaultVersionId') },
  });
  const version = (answer as JsonObject)['PolicyVersion'] as JsonObject;
  return decodePolicyText(textAt(version, 'Document'));
}

function tagsOf(principal: JsonObject): Record<string, string> {
  const tags = (principal['Tags'] ?? []) as readonly JsonObject[];
  return Object.fromEntries(tags.map((tag) => [textAt(tag, 'Key'), textAt(tag, 'Value')]));
}
