import { policyChars } from '../../../actions/iam/policy-text.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { parsePolicyDocument } from '../../../iam/document.ts';
import type { Entities } from './entities.ts';
import type { AccountFacts } from './operation.ts';
import { refusal } from './refusals.ts';

/** IAM quota for a trust policy, in characters without white space. */
const TRUST_CHARS_MAX = 2_048;
const UNIQUE_ID = /^A(ROA|IDA)[A-Z2-7]{17}$/;

/** Runs a check of a document; its `InvalidInputError` becomes IAM's `MalformedPolicyDocument`. */
export function acceptDocument(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw refusal('MalformedPolicyDocument', error.message);
  }
}

/**
 * A trust policy as IAM keeps it: an account id becomes its `:root` ARN and a list of one its only
 * element. Refuses unique ids and principals of this account that do not exist.
 */
export function rewriteTrust(text: string, facts: AccountFacts, entities: Entities): string {
  acceptDocument(() => {
    for (const statement of parsePolicyDocument(text).statements) {
      if (statement.principals === undefined) {
        throw new InvalidInputError('malformed-policy', 'a trust policy must name a principal');
      }
      for (const { type, value } of statement.principals.entries) {
        if (type === 'AWS') checkPrincipal(value, facts, entities);
      }
    }
  });
  if (policyChars(text) > TRUST_CHARS_MAX) {
    throw refusal('LimitExceeded', `the trust policy exceeds ${TRUST_CHARS_MAX} characters`);
  }
  const document = JSON.parse(text) as JsonObject;
  return JSON.stringify(mapStatements(document, (value) => rootArn(value, facts)));
}

/** A trust policy after a principal was deleted: IAM shows its unique id in place of its ARN. */
export function forgetPrincipal(text: string, arn: string, uniqueId: string): string {
  if (!text.includes(arn)) return text;
  const document = JSON.parse(text) as JsonObject;
  return JSON.stringify(mapStatements(document, (value) => (value === arn ? uniqueId : value)));
}

function checkPrincipal(value: string, facts: AccountFacts, entities: Entities): void {
  const own = `arn:${facts.partition}:iam::${facts.accountId}:`;
  const isOwnEntity = value.startsWith(`${own}role/`) || value.startsWith(`${own}user/`);
  if (UNIQUE_ID.test(value) || (isOwnEntity && entities.byArn(value) === undefined)) {
    throw new InvalidInputError('malformed-policy', `invalid principal in policy: \`${value}\``);
  }
}

function rootArn(value: string, facts: AccountFacts): string {
  return /^\d{12}$/.test(value) ? `arn:${facts.partition}:iam::${value}:root` : value;
}

function mapStatements(document: JsonObject, change: (principal: string) => string): JsonObject {
  const statements = document['Statement'] as JsonObject | readonly JsonObject[];
  const list = Array.isArray(statements) ? (statements as readonly JsonObject[]) : [statements];
  return { ...document, Statement: list.map((one) => mapStatement(one as JsonObject, change)) };
}

function mapStatement(statement: JsonObject, change: (principal: string) => string): JsonObject {
  const mapped: Record<string, Json> = {};
  for (const [field, value] of Object.entries(statement)) {
    const isPrincipal = field === 'Principal' || field === 'NotPrincipal';
    mapped[field] = isPrincipal ? mapPrincipal(value, change) : scalarOf(value);
  }
  return mapped;
}

function mapPrincipal(principal: Json, change: (value: string) => string): Json {
  if (typeof principal !== 'object' || Array.isArray(principal)) return principal;
  return Object.fromEntries(
    Object.entries(principal as JsonObject).map(([type, value]) => {
      const values = (Array.isArray(value) ? value : [value]) as readonly string[];
      return [type, scalarOf(type === 'AWS' ? values.map(change) : values)];
    }),
  );
}

function scalarOf(value: Json): Json {
  return Array.isArray(value) && value.length === 1 ? (value[0] as Json) : value;
}
