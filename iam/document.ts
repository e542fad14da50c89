import { parse as parseStrictJson } from 'lossless-json';
import { z } from 'zod';
import { InvalidInputError } from '../core/errors.ts';
import { type ParsedOperator, parseOperator } from './operators.ts';

/**
 * A set of strings said by patterns: those that match one (`only`), or that match none (`except`).
 */
export interface PatternSet {
  readonly kind: 'only' | 'except';
  /** As written; `*` and `?` are wildcards. */
  readonly patterns: readonly string[];
}

/** One operator and key of a condition block; several on one statement must all hold. */
export interface Condition extends ParsedOperator {
  /** As written; IAM compares condition keys without case. */
  readonly key: string;
  /** Alternatives; booleans and numbers as their JSON text. */
  readonly values: readonly string[];
}

/** One principal: its type and the value as written. */
export interface PrincipalEntry {
  readonly type: 'AWS' | 'Service' | 'Federated' | 'CanonicalUser';
  readonly value: string;
}

/** `Principal` (`only`) or `NotPrincipal` (`except`); `"*"` is the AWS entry `*`. */
export interface Principals {
  readonly kind: 'only' | 'except';
  readonly entries: readonly PrincipalEntry[];
}

/** One statement; `NotAction` and `NotResource` are the `except` kinds. */
export interface Statement {
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: PatternSet;
  /** `only *` where a document with principals names no resource (a trust policy). */
  readonly resources: PatternSet;
  readonly principals?: Principals;
  readonly conditions: readonly Condition[];
}

/** A policy document as IAM understands it. */
export interface PolicyDocument {
  /** An absent version is IAM's default, `2008-10-17`, which knows no policy variables. */
  readonly version: '2008-10-17' | '2012-10-17';
  readonly id?: string;
  readonly statements: readonly Statement[];
}

/**
 * A document's text is at most this many characters; IAM's own largest is 10,240 without white
 * space.
 */
export const DOCUMENT_CHARS_MAX = 256 * 1024;
const STATEMENTS_MAX = 1_000;

const strings = z.union([z.string(), z.array(z.string())]);
const scalar = z.union([z.string(), z.boolean(), z.number()]);
const principal = z.union([
  z.literal('*'),
  z.strictObject({
    AWS: strings.optional(),
    Service: strings.optional(),
    Federated: strings.optional(),
    CanonicalUser: strings.optional(),
  }),
]);
const statementShape = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: principal.optional(),
  NotPrincipal: principal.optional(),
  Action: strings.optional(),
  NotAction: strings.optional(),
  Resource: strings.optional(),
  NotResource: strings.optional(),
  Condition: z
    .record(z.string(), z.record(z.string(), z.union([scalar, z.array(scalar)])))
    .optional(),
});
const documentShape = z.strictObject({
  Version: z.enum(['2008-10-17', '2012-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z.union([
    z.array(statementShape).min(1).max(STATEMENTS_MAX),
    // IAM takes a lone statement without its brackets.
    statementShape.transform((one) => [one]),
  ]),
});
type RawStatement = z.infer<typeof statementShape>;

const malformed = (message: string, cause?: unknown): InvalidInputError =>
  new InvalidInputError('malformed-policy', message, cause === undefined ? {} : { cause });

/**
 * Reads a policy document (identity or trust). Throws `InvalidInputError` `malformed-policy` naming
 * the place.
 */
export function parsePolicyDocument(text: string): PolicyDocument {
  if (text.length > DOCUMENT_CHARS_MAX) {
    throw malformed(`policy document is longer than ${DOCUMENT_CHARS_MAX} characters`);
  }
  const parsed = documentShape.safeParse(parseJson(text));
  if (!parsed.success) throw malformed(`policy document: ${firstIssue(parsed.error)}`);
  const { Version, Id, Statement } = parsed.data;
  return {
    version: Version ?? '2008-10-17',
    ...(Id === undefined ? {} : { id: Id }),
    statements: Statement.map((raw, index) => toStatement(raw, `Statement[${index}]`)),
  };
}

function parseJson(text: string): unknown {
  try {
    // Two members of one name would let a reader see another document than IAM does: refused here.
    return parseStrictJson(text, undefined, { parseNumber: Number });
  } catch (error) {
    throw malformed(`policy document is not JSON: ${lowerFirst((error as Error).message)}`, error);
  }
}

/** The deepest first issue: of a union the branch that came furthest. */
function firstIssue(error: { readonly issues: readonly z.core.$ZodIssue[] }, prefix = ''): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'is not valid';
  const path = prefix + placeOf(issue.path, prefix === '');
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const deepest = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0] ?? [];
    return firstIssue({ issues: deepest }, path);
  }
  return `at \`${path === '' ? 'the top' : path}\`: ${lowerFirst(issue.message)}`;
}

const depth = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(
    0,
    ...issues.map((issue) => issue.path.length + (issue.code === 'invalid_union' ? 1 : 0)),
  );

const placeOf = (path: readonly PropertyKey[], atStart: boolean): string =>
  path
    .map((part, index) =>
      typeof part === 'number'
        ? `[${part}]`
        : `${index === 0 && atStart ? '' : '.'}${String(part)}`,
    )
    .join('');

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const listOf = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? [value] : value;

function toStatement(raw: RawStatement, place: string): Statement {
  const principals = principalsOf(raw, place);
  const actions = patternSet(raw.Action, raw.NotAction, `${place}.Action`);
  const bare = raw.Resource === undefined && raw.NotResource === undefined;
  const resources: PatternSet =
    bare && principals !== undefined
      ? { kind: 'only', patterns: ['*'] }
      : patternSet(raw.Resource, raw.NotResource, `${place}.Resource`);
  return {
    ...(raw.Sid === undefined ? {} : { sid: raw.Sid }),
    effect: raw.Effect,
    actions,
    resources,
    ...(principals === undefined ? {} : { principals }),
    conditions: conditionsOf(raw.Condition ?? {}, `${place}.Condition`),
  };
}

function patternSet(
  only: string | readonly string[] | undefined,
  except: string | readonly string[] | undefined,
  place: string,
): PatternSet {
  if ((only === undefined) === (except === undefined)) {
    const name = place.slice(place.lastIndexOf('.') + 1);
    throw malformed(
      `policy document: at \`${place}\`: needs \`${name}\` or \`Not${name}\`, not both`,
    );
  }
  const patterns = listOf(only ?? except ?? []);
  if (patterns.length === 0 || patterns.includes('')) {
    throw malformed(`policy document: at \`${place}\`: is empty`);
  }
  return { kind: except === undefined ? 'only' : 'except', patterns };
}

function principalsOf(raw: RawStatement, place: string): Principals | undefined {
  const given = raw.Principal ?? raw.NotPrincipal;
  if (given === undefined) return undefined;
  if (raw.Principal !== undefined && raw.NotPrincipal !== undefined) {
    throw malformed(`policy document: at \`${place}\`: \`Principal\` and \`NotPrincipal\``);
  }
  const kind = raw.Principal === undefined ? 'except' : 'only';
  if (given === '*') return { kind, entries: [{ type: 'AWS', value: '*' }] };
  const types = ['AWS', 'Service', 'Federated', 'CanonicalUser'] as const;
  const entries = types.flatMap((type) =>
    listOf(given[type] ?? []).map((value): PrincipalEntry => ({ type, value })),
  );
  if (entries.length === 0) throw malformed(`policy document: at \`${place}.Principal\`: is empty`);
  return { kind, entries };
}

function conditionsOf(
  block: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  place: string,
): readonly Condition[] {
  const conditions: Condition[] = [];
  const seen = new Set<string>();
  for (const [name, keys] of Object.entries(block)) {
    const parsed = parseOperator(name);
    if (parsed === undefined)
      throw malformed(`policy document: at \`${place}\`: no operator \`${name}\``);
    for (const [key, value] of Object.entries(keys)) {
      const identity = `${name}\n${key}`.toLowerCase();
      if (seen.has(identity))
        throw malformed(`policy document: at \`${place}.${name}\`: \`${key}\` twice`);
      seen.add(identity);
      conditions.push({
        ...parsed,
        key,
        values: (Array.isArray(value) ? value : [value]).map(String),
      });
    }
  }
  return conditions;
}
