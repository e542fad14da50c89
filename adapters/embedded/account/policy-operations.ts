import {
  checkIdentityPolicy,
  MANAGED_CHARS_MAX,
  policyChars,
} from '../../../actions/iam/policy-text.ts';
import type { JsonObject } from '../../../core/json.ts';
import { acceptDocument } from './documents.ts';
import type { Entity, EntityEdit } from './entities.ts';
import { pathIn } from './entity-operations.ts';
import { apiDetail } from './gaad.ts';
import {
  listAt,
  nameIn,
  type OperationContext,
  policyArnIn,
  policyAt,
  textIn,
  type WriteOperation,
  withFields,
  without,
} from './operation.ts';
import { alreadyExists, noSuchEntity, refusal } from './refusals.ts';

type Context = OperationContext<EntityEdit>;

/** The operations on managed policies, by name without `iam:`. */
export const POLICY_OPERATIONS: Readonly<Record<string, WriteOperation>> = {
  CreatePolicy: {
    resource: (input, context) => newArn(input, context),
    conditionKeys: () => ({}),
    run: createPolicy,
  },
  CreatePolicyVersion: changing(createVersion),
  SetDefaultPolicyVersion: changing((policy, input, context) => {
    const { VersionId } = versionIn(policy, input);
    context.entities.put(withDefault(policy, VersionId as string, context.date));
    return {};
  }),
  DeletePolicyVersion: changing((policy, input, context) => {
    const { VersionId, IsDefaultVersion } = versionIn(policy, input);
    if (IsDefaultVersion === true) {
      throw refusal('DeleteConflict', 'the default version of a policy cannot be deleted');
    }
    const kept = versionsOf(policy).filter((version) => version['VersionId'] !== VersionId);
    context.entities.put(withFields(policy, { PolicyVersionList: kept }));
    return {};
  }),
  DeletePolicy: changing((policy, _input, context) => {
    if (versionsOf(policy).length > 1) {
      throw refusal('DeleteConflict', `the policy \`${policy.name}\` has other versions`);
    }
    if (context.entities.list().some((entity) => refersTo(entity, policy.arn))) {
      throw refusal('DeleteConflict', `the policy \`${policy.name}\` is attached`);
    }
    context.entities.remove(policy.arn);
    return {};
  }),
};

function changing(
  change: (policy: Entity, input: JsonObject, context: Context) => JsonObject,
): WriteOperation {
  return {
    resource: (input) => policyArnIn(input),
    conditionKeys: () => ({}),
    run(input, context) {
      const policy = policyAt(policyArnIn(input), context);
      if (policy.accountId === 'aws') {
        throw refusal('AccessDenied', `the policy \`${policy.arn}\` belongs to AWS`);
      }
      return change(policy, input, context);
    },
  };
}

function newArn(input: JsonObject, context: OperationContext): string {
  const { partition, accountId } = context.facts;
  return `arn:${partition}:iam::${accountId}:policy${pathIn(input)}${nameIn('policy', input)}`;
}

function createPolicy(input: JsonObject, context: Context): JsonObject {
  const { facts, entities, date } = context;
  const name = nameIn('policy', input);
  if (entities.byName('policy', facts.accountId, name).length > 0) {
    throw alreadyExists('policy', name);
  }
  const arn = newArn(input, context);
  const body: JsonObject = {
    PolicyName: name,
    PolicyId: facts.newId('ANPA'),
    Arn: arn,
    Path: pathIn(input),
    DefaultVersionId: 'v1',
    AttachmentCount: 0,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: date,
    UpdateDate: date,
    PolicyVersionList: [
      {
        Document: managedDocument(input),
        VersionId: 'v1',
        IsDefaultVersion: true,
        CreateDate: date,
      },
    ],
  };
  const position = entities.nextPosition();
  const policy: Entity = {
    kind: 'policy',
    arn,
    accountId: facts.accountId,
    name,
    position,
    versionsMade: 1,
    body,
  };
  entities.put(policy);
  return { Policy: without(apiDetail(policy), ['PolicyVersionList']) };
}

function createVersion(policy: Entity, input: JsonObject, context: Context): JsonObject {
  const document = managedDocument(input);
  const max = context.facts.limits.policyVersionsMax;
  if (versionsOf(policy).length >= max) {
    throw refusal('LimitExceeded', `the policy \`${policy.name}\` has ${max} versions already`);
  }
  const versionsMade = policy.versionsMade + 1;
  const VersionId = `v${versionsMade}`;
  const version = {
    Document: document,
    VersionId,
    IsDefaultVersion: false,
    CreateDate: context.date,
  };
  const grown = withFields(
    { ...policy, versionsMade },
    { PolicyVersionList: [version, ...versionsOf(policy)] },
  );
  const isDefault = input['SetAsDefault'] === true;
  context.entities.put(isDefault ? withDefault(grown, VersionId, context.date) : grown);
  return {
    PolicyVersion: { VersionId, IsDefaultVersion: isDefault, CreateDate: context.date },
  };
}

function managedDocument(input: JsonObject): string {
  const text = textIn(input, 'PolicyDocument');
  acceptDocument(() => checkIdentityPolicy(text));
  if (policyChars(text) > MANAGED_CHARS_MAX) {
    throw refusal('LimitExceeded', `the policy document exceeds ${MANAGED_CHARS_MAX} characters`);
  }
  return text;
}

function versionIn(policy: Entity, input: JsonObject): JsonObject {
  const versionId = textIn(input, 'VersionId');
  const found = versionsOf(policy).find((version) => version['VersionId'] === versionId);
  if (found === undefined) throw noSuchEntity('policy version', versionId);
  return found;
}

function versionsOf(policy: Entity): readonly JsonObject[] {
  return listAt(policy.body, 'PolicyVersionList');
}

function withDefault(policy: Entity, versionId: string, date: string): Entity {
  return withFields(policy, {
    DefaultVersionId: versionId,
    UpdateDate: date,
    PolicyVersionList: versionsOf(policy).map((version) => ({
      ...version,
      IsDefaultVersion: version['VersionId'] === versionId,
    })),
  });
}

function refersTo(entity: Entity, policyArn: string): boolean {
  const boundary = entity.body['PermissionsBoundary'] as JsonObject | undefined;
  return (
    boundary?.['PermissionsBoundaryArn'] === policyArn ||
    listAt(entity.body, 'AttachedManagedPolicies').some((one) => one['PolicyArn'] === policyArn)
  );
}
