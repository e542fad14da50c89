import { z } from 'zod';
import { InvalidInputError } from '../core/errors.ts';

// The output of the API has documents as objects (CLI) or URL-encoded JSON (raw API).
const documentShape = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((value) =>
    typeof value === 'string' ? decodeDocument(value) : JSON.stringify(value),
  );
/** An ARN of an IAM entity; the groups are partition, account id (or `aws`) and kind. */
export const IAM_ARN = /^arn:([a-z-]+):iam::(\d{12}|aws):(user|role|group|policy)\/.+$/;
const arn = z.string().regex(IAM_ARN, { error: 'is no ARN of an IAM entity' });
const inlineList = z
  .array(z.looseObject({ PolicyName: z.string(), PolicyDocument: documentShape }))
  .default([]);
const identityFields = {
  Path: z.string().default('/'),
  Arn: arn,
  AttachedManagedPolicies: z
    .array(z.looseObject({ PolicyName: z.string(), PolicyArn: arn }))
    .default([]),
};
const principalFields = {
  Tags: z.array(z.looseObject({ Key: z.string(), Value: z.string() })).default([]),
  PermissionsBoundary: z.looseObject({ PermissionsBoundaryArn: arn }).optional(),
};
const gaadShape = z.looseObject({
  UserDetailList: z.array(
    z.looseObject({
      ...identityFields,
      ...principalFields,
      UserName: z.string(),
      UserId: z.string(),
      UserPolicyList: inlineList,
      GroupList: z.array(z.string()).default([]),
    }),
  ),
  RoleDetailList: z.array(
    z.looseObject({
      ...identityFields,
      ...principalFields,
      RoleName: z.string(),
      RoleId: z.string(),
      RolePolicyList: inlineList,
      AssumeRolePolicyDocument: documentShape,
    }),
  ),
  GroupDetailList: z.array(
    z.looseObject({
      ...identityFields,
      GroupName: z.string(),
      GroupId: z.string(),
      GroupPolicyList: inlineList,
    }),
  ),
  Policies: z.array(
    z.looseObject({
      PolicyName: z.string(),
      PolicyId: z.string(),
      Arn: arn,
      Path: z.string().default('/'),
      DefaultVersionId: z.string(),
      PolicyVersionList: z
        .array(z.looseObject({ VersionId: z.string(), Document: documentShape }))
        .min(1),
    }),
  ),
});

/** The value of a GAAD file, checked; documents are texts. */
export type Gaad = z.infer<typeof gaadShape>;
export type GaadUser = Gaad['UserDetailList'][number];
export type GaadRole = Gaad['RoleDetailList'][number];
export type GaadGroup = Gaad['GroupDetailList'][number];
export type GaadPolicy = Gaad['Policies'][number];
/** The inline policies of a user, role or group. */
export type GaadInline = z.infer<typeof inlineList>;

/**
 * Checks the value of a GAAD file. Throws `InvalidInputError` `invalid-account` naming the place.
 */
export function parseGaad(value: unknown): Gaad {
  const parsed = gaadShape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.map((part) =>
    typeof part === 'number' ? `[${part}]` : `.${String(part)}`,
  );
  const where = place?.join('').replace(/^\./, '') || 'the top';
  const message = (issue?.message ?? 'is not valid').toLowerCase();
  throw invalidAccount(`at \`${where}\`: ${message}`);
}

/** The error of an account that cannot be used. */
export function invalidAccount(message: string): InvalidInputError {
  return new InvalidInputError('invalid-account', `account: ${message}`);
}

function decodeDocument(text: string): string {
  if (!text.includes('%')) return text;
  try {
    // A JSON text begins with `{`; URL-encoded it begins with `%7B`.
    return text.trimStart().startsWith('{') ? text : decodeURIComponent(text);
  } catch {
    return text;
  }
}
