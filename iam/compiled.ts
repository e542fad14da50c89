import { InvalidInputError } from '../core/errors.ts';
import {
  type PatternSet,
  type PolicyDocument,
  parsePolicyDocument,
  type Statement,
} from './document.ts';
import { compilePattern, matchesPattern, type Pattern } from './glob.ts';
import { findWord } from './language.ts';
import { conditionForm, statementForm } from './normal-form.ts';

/** A pattern set ready for matching. */
export interface CompiledSet {
  readonly kind: PatternSet['kind'];
  readonly patterns: readonly Pattern[];
}

/** A statement of an identity policy, ready for evaluation and for proofs. */
export interface CompiledStatement {
  readonly statement: Statement;
  /** Its place in the document, from 0. */
  readonly index: number;
  readonly actions: CompiledSet;
  readonly resources: CompiledSet;
  readonly variables: boolean;
  /** Equal for statements that mean the same. */
  readonly form: string;
  /** One text a condition; all must hold. */
  readonly conditionForms: ReadonlySet<string>;
}

const CACHE_MAX = 4_096;
const byText = new Map<string, readonly CompiledStatement[]>();
const byDocument = new WeakMap<PolicyDocument, readonly CompiledStatement[]>();

/**
 * The statements of an identity policy, parsed once a text. Throws `InvalidInputError`
 * `malformed-policy`, also for a statement with a principal, which no identity policy has.
 */
export function compiledStatements(
  document: string | PolicyDocument,
): readonly CompiledStatement[] {
  if (typeof document !== 'string') {
    const known = byDocument.get(document);
    if (known !== undefined) return known;
    const made = compile(document);
    byDocument.set(document, made);
    return made;
  }
  const known = byText.get(document);
  if (known !== undefined) return known;
  const made = compile(parsePolicyDocument(document));
  if (byText.size >= CACHE_MAX) byText.clear();
  byText.set(document, made);
  return made;
}

function compile(document: PolicyDocument): readonly CompiledStatement[] {
  const variables = document.version === '2012-10-17';
  return document.statements.map((statement, index) => {
    if (statement.principals !== undefined) {
      const place = `Statement[${index}]`;
      const message = `policy document: at \`${place}\`: an identity policy has no principal`;
      throw new InvalidInputError('malformed-policy', message);
    }
    return {
      statement,
      index,
      actions: compileSet(statement.actions, { ignoreCase: true }),
      resources: compileSet(statement.resources, { variables }),
      variables,
      form: statementForm(statement, document.version),
      conditionForms: new Set(
        statement.conditions.map((condition) => conditionForm(condition, document.version)),
      ),
    };
  });
}

function compileSet(
  set: PatternSet,
  options: { readonly ignoreCase?: boolean; readonly variables?: boolean },
): CompiledSet {
  return { kind: set.kind, patterns: set.patterns.map((text) => compilePattern(text, options)) };
}

/** True when a set without variables (actions, in lower case) has the text. */
export function setHas(set: CompiledSet, text: string): boolean {
  return set.patterns.some((pattern) => matchesPattern(pattern, text)) === (set.kind === 'only');
}

/**
 * True only when every text of `narrow` is in `wide`, whatever policy variables hold; false also
 * where the bound on work was met.
 */
export function setHoldsAll(wide: CompiledSet, narrow: CompiledSet): boolean {
  const isEmpty = (all: readonly (readonly Pattern[])[], none: readonly Pattern[]): boolean =>
    findWord({ all, none }).kind === 'empty';
  if (wide.kind === 'only') {
    return narrow.kind === 'only'
      ? narrow.patterns.every((each) => isEmpty([[each]], wide.patterns))
      : isEmpty([], [...narrow.patterns, ...wide.patterns]);
  }
  // `wide` is everything but its patterns: `narrow` must have none of those.
  return narrow.kind === 'only'
    ? narrow.patterns.every((each) => isEmpty([[each], wide.patterns], []))
    : wide.patterns.every((each) => isEmpty([[each]], narrow.patterns));
}
