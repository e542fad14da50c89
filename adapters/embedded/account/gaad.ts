import { decodePolicyText } from '../../../actions/iam/policy-text.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import { canonicalText } from '../../../core/hash.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { Entity, EntityKind } from './entities.ts';
import { listAt, NAME_FIELDS } from './operation.ts';

/** The lists of `get-account-authorization-details` and what they hold. */
export const DETAIL_LISTS: readonly (readonly [string, EntityKind])[] = [
  ['UserDetailList', 'user'],
  ['GroupDetailList', 'group'],
  ['RoleDetailList', 'role'],
  ['Policies', 'policy'],
];
const INLINE_LISTS = ['UserPolicyList', 'GroupPolicyList', 'RolePolicyList'];
const COUNTS = ['AttachmentCount', 'PermissionsBoundaryUsageCount'];

/** Reads the entities of a GAAD file. Throws `InvalidInputError` (`account-invalid`), naming the place. */
export function parseDetails(gaad: unknown): readonly Entity[] {
  if (!isObject(gaad)) throw invalid('the account must be a JSON object');
  const entities: Entity[] = [];
  const seen = new Set<string>();
  for (const [field, kind] of DETAIL_LISTS) {
    const list = gaad[field] ?? [];
    if (!Array.isArray(list)) throw invalid(`\`${field}\` must be a list`);
    for (const [index, detail] of list.entries()) {
      const entity = parseEntity(kind, withoutNulls(detail), {
        place: `${field}[${index}]`,
        position: entities.length,
      });
      if (seen.has(entity.arn)) throw invalid(`\`${field}[${index}]\` repeats \`${entity.arn}\``);
      seen.add(entity.arn);
      entities.push(entity);
    }
  }
  return entities;
}

/** The lists of a GAAD file, each detail as `show` says. */
export function allDetails(
  entities: readonly Entity[],
  show: (entity: Entity) => JsonObject,
): JsonObject {
  return Object.fromEntries(
    DETAIL_LISTS.map(([field, kind]) => [
      field,
      entities.filter((entity) => entity.kind === kind).map(show),
    ]),
  );
}

/** A detail as the AWS command line prints it: documents are JSON. */
export function fileDetail(entity: Entity): JsonObject {
  return mapDocuments(clampCounts(entity.body), parseOrText);
}

/** A detail as the API answers it: documents are percent-encoded text. */
export function apiDetail(entity: Entity): JsonObject {
  return mapDocuments(clampCounts(entity.body), (text) => encodeText(text as string));
}

/** A detail for the account's digest: lists that IAM does not order are sorted, dates of updates left out. */
export function digestDetail(entity: Entity): JsonObject {
  const detail: Record<string, Json> = { ...fileDetail(entity) };
  delete detail['UpdateDate'];
  for (const [field, value] of Object.entries(detail)) {
    if (!Array.isArray(value)) continue;
    // A list that became empty says no more than one that was never there.
    if (value.length === 0) delete detail[field];
    else detail[field] = sorted(value);
  }
  return detail;
}

/** Text as the API sends documents (RFC 3986). */
export function encodeText(text: string): string {
  return encodeURIComponent(text);
}

function parseEntity(
  kind: EntityKind,
  detail: unknown,
  { place, position }: { readonly place: string; readonly position: number },
): Entity {
  if (!isObject(detail)) throw invalid(`\`${place}\` must be an object`);
  const name = detail[NAME_FIELDS[kind]];
  const arn = detail['Arn'];
  if (typeof name !== 'string') throw invalid(`\`${place}.${NAME_FIELDS[kind]}\` must be a text`);
  const accountId = typeof arn === 'string' ? /^arn:[\w-]+:iam::(\d{12}|aws):/.exec(arn)?.[1] : '';
  if (typeof arn !== 'string' || accountId === undefined) {
    throw invalid(`\`${place}.Arn\` must be an IAM ARN`);
  }
  for (const field of ['AttachedManagedPolicies', 'PolicyVersionList', 'Tags', ...INLINE_LISTS]) {
    const list = detail[field] ?? [];
    if (!Array.isArray(list) || !list.every(isObject)) {
      throw invalid(`\`${place}.${field}\` must be a list of objects`);
    }
  }
  const body = mapDocuments(withCounts(kind, detail as JsonObject), textOf);
  return { kind, arn, accountId, name, position, versionsMade: highestVersion(body), body };
}

function withCounts(kind: EntityKind, body: JsonObject): JsonObject {
  if (kind !== 'policy') return body;
  return { ...body, ...Object.fromEntries(COUNTS.map((field) => [field, body[field] ?? 0])) };
}

// A file may count fewer attachments than it lists; the difference must not be lost by clamping it
// in the store, or detaching and attaching again would not end where it began.
function clampCounts(body: JsonObject): JsonObject {
  if (!COUNTS.some((field) => ((body[field] as number | undefined) ?? 0) < 0)) return body;
  const counts = COUNTS.map((field) => [field, Math.max(0, Number(body[field] ?? 0))]);
  return { ...body, ...Object.fromEntries(counts) };
}

function highestVersion(body: JsonObject): number {
  const numbers = listAt(body, 'PolicyVersionList').map((version) =>
    Number(String(version['VersionId']).slice(1)),
  );
  return Math.max(0, ...numbers.filter(Number.isInteger));
}

function mapDocuments(body: JsonObject, change: (document: Json) => Json): JsonObject {
  const changed: Record<string, Json> = { ...body };
  const inside = (list: string, field: string): void => {
    if (body[list] === undefined) return;
    changed[list] = listAt(body, list).map((item) =>
      item[field] === undefined ? item : { ...item, [field]: change(item[field]) },
    );
  };
  if (body['AssumeRolePolicyDocument'] !== undefined) {
    changed['AssumeRolePolicyDocument'] = change(body['AssumeRolePolicyDocument']);
  }
  for (const list of INLINE_LISTS) inside(list, 'PolicyDocument');
  inside('PolicyVersionList', 'Document');
  return changed;
}

function textOf(document: Json): string {
  return typeof document === 'string' ? decodePolicyText(document) : JSON.stringify(document);
}

function parseOrText(document: Json): Json {
  try {
    return JSON.parse(document as string) as Json;
  } catch {
    // A file may hold a document that is no JSON; it is shown as it came.
    return document;
  }
}

function sorted(list: readonly Json[]): Json[] {
  return list
    .map((item) => [canonicalText(item), item] as const)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([, item]) => item);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([field, item]) => [field, withoutNulls(item)]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): InvalidInputError {
  return new InvalidInputError('account-invalid', message);
}
