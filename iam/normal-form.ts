import { canonicalText } from '../core/hash.ts';
import {
  type Condition,
  type PatternSet,
  type PolicyDocument,
  type Principals,
  parsePolicyDocument,
  type Statement,
} from './document.ts';

const ACCOUNT_ROOT = /^arn:[^:]+:iam::(\d{12}):root$/;

/**
 * The one text by which documents are compared; equal for spellings that IAM itself treats as
 * equal. Rules:
 * 1. One-element arrays are scalars' equals; a lone statement is a list of one; the text is RFC
 *    8785 JSON.
 * 2. `Version` is kept; absent is IAM's default `2008-10-17`. `Id` and `Sid` are kept.
 * 3. Actions, resources, principals and condition values are sets: sorted, each once. Statements
 *    likewise.
 * 4. Action patterns are lower case; resources and values keep their case.
 * 5. `Principal: "*"` is `{ "AWS": "*" }`; an account's `:root` ARN is its bare account id.
 * 6. Condition operators are spelled as in IAM's reference, keys are lower case, booleans and
 *    numbers are texts, an empty block is no block. Nothing else is folded: a pattern that another
 *    one covers stays.
 * Throws `InvalidInputError` `malformed-policy` for a text that is no document.
 */
export function normalForm(document: string | PolicyDocument): string {
  const parsed = typeof document === 'string' ? parsePolicyDocument(document) : document;
  const statements = parsed.statements.map((statement) =>
    canonicalText({
      ...meaningOf(statement),
      ...(statement.sid === undefined ? {} : { Sid: statement.sid }),
    }),
  );
  const header = canonicalText({
    Version: parsed.version,
    ...(parsed.id === undefined ? {} : { Id: parsed.id }),
  });
  return `{"Header":${header},"Statement":[${sortedSet(statements).join(',')}]}`;
}

/**
 * What one statement grants or denies, as a text: rules 3 to 6 above without `Sid`. The version
 * counts only where the statement has a `${`, which is a policy variable in one version and plain
 * text in the other.
 */
export function statementForm(statement: Statement, version: PolicyDocument['version']): string {
  const text = canonicalText(meaningOf(statement));
  return text.includes('${') ? `${version} ${text}` : text;
}

/** One condition as a text; equal texts hold for the same requests (documents of one version). */
export function conditionForm(condition: Condition, version: PolicyDocument['version']): string {
  const text = canonicalText(conditionMeaning(condition));
  return text.includes('${') ? `${version} ${text}` : text;
}

function meaningOf(statement: Statement): Readonly<Record<string, unknown>> {
  const { principals } = statement;
  return {
    Effect: statement.effect,
    Action: setMeaning(statement.actions, (text) => text.toLowerCase()),
    Resource: setMeaning(statement.resources, (text) => text),
    ...(principals === undefined ? {} : { Principal: principalMeaning(principals) }),
    Condition: sortedSet(statement.conditions.map((each) => canonicalText(conditionMeaning(each)))),
  };
}

function setMeaning(set: PatternSet, fold: (text: string) => string): readonly string[] {
  return [set.kind, ...sortedSet(set.patterns.map(fold))];
}

function principalMeaning(principals: Principals): readonly string[] {
  const entries = principals.entries.map(({ type, value }) => {
    const account = type === 'AWS' ? ACCOUNT_ROOT.exec(value)?.[1] : undefined;
    return `${type} ${account ?? value}`;
  });
  return [principals.kind, ...sortedSet(entries)];
}

function conditionMeaning(condition: Condition): readonly unknown[] {
  const { set, operator, ifExists, key, values } = condition;
  const prefix = set === undefined ? '' : `${set}:`;
  const name = `${prefix}${operator.name}${ifExists ? 'IfExists' : ''}`;
  return [name, key.toLowerCase(), sortedSet(values)];
}

const sortedSet = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();
