import { z } from 'zod';
import { DriftError, InvariantError } from '../../core/errors.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Cloud } from '../../core/ports/cloud.ts';

/** Roles and users have the same edges under other names; a family is written once for both. */
export interface PrincipalKind {
  readonly noun: 'role' | 'user';
  /** The word in operation names, and the field that answers carry the principal in. */
  readonly label: 'Role' | 'User';
  readonly nameField: 'RoleName' | 'UserName';
  readonly idField: 'RoleId' | 'UserId';
}

export const ROLE: PrincipalKind = {
  noun: 'role',
  label: 'Role',
  nameField: 'RoleName',
  idField: 'RoleId',
};

export const USER: PrincipalKind = {
  noun: 'user',
  label: 'User',
  nameField: 'UserName',
  idField: 'UserId',
};

/** The API's own bounds (IAM API reference, common parameter constraints). */
export const principalName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\w+=,.@-]+$/);
export const policyName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w+=,.@-]+$/);
export const policyArn = z
  .string()
  .min(20)
  .max(2048)
  .regex(/^arn:[\w-]+:iam::(\d{12}|aws):policy\/[!-)+->@-~]+$/, 'must be a policy ARN');
export const policyDocument = z.string().min(1).max(131_072);

/** The input schema of a family for one kind: the principal's name and some fields. */
export function inputOf(
  kind: PrincipalKind,
  fields: Readonly<Record<string, z.ZodType<Json>>>,
): z.ZodType<JsonObject> {
  return z.strictObject({ [kind.nameField]: principalName, ...fields }) as z.ZodType<JsonObject>;
}

/** A text field of a parsed input or of an answer. */
export function textAt(object: JsonObject, field: string): string {
  const value = object[field];
  if (typeof value !== 'string') throw new InvariantError(`\`${field}\` must be a text`);
  return value;
}

/** The principal as `GetRole` or `GetUser` answers it. */
export async function readPrincipal(
  kind: PrincipalKind,
  name: string,
  cloud: Cloud,
): Promise<JsonObject> {
  const answer = await cloud.call({
    operation: `iam:Get${kind.label}`,
    input: { [kind.nameField]: name },
  });
  return (answer as JsonObject)[kind.label] as JsonObject;
}

/** Reads the principal again; throws `DriftError` when it is another one of the same name. */
export async function readSamePrincipal(
  kind: PrincipalKind,
  { name, uniqueId }: { readonly name: string; readonly uniqueId: string },
  cloud: Cloud,
): Promise<JsonObject> {
  const principal = await readPrincipal(kind, name, cloud);
  if (principal[kind.idField] !== uniqueId) {
    throw new DriftError(
      'target-recreated',
      `the ${kind.noun} \`${name}\` was deleted and recreated`,
    );
  }
  return principal;
}

/** The ARN of the permissions boundary in an answer of `GetRole` or `GetUser`. */
export function boundaryIn(principal: JsonObject): string | undefined {
  const boundary = principal['PermissionsBoundary'] as JsonObject | undefined;
  return boundary?.['PermissionsBoundaryArn'] as string | undefined;
}
