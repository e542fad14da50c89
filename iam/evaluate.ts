import { type CompiledStatement, compiledStatements, setHas } from './compiled.ts';
import { evaluateConditions, fillIn } from './condition.ts';
import {
  allOf,
  anyOf,
  type KnownContext,
  knownContext,
  not,
  type RequestContext,
  type Tri,
} from './context.ts';
import type { PolicyDocument } from './document.ts';
import { matchesPattern, type Pattern } from './glob.ts';

/** One call as IAM sees it. */
export interface AccessRequest {
  /** `service:Operation`; case does not count. */
  readonly action: string;
  /** A full ARN, or `*` for an action without resources. */
  readonly resource: string;
  readonly context?: RequestContext;
  /**
   * True when keys that are not in `context` are absent from the request; else they are unknown.
   */
  readonly contextComplete?: boolean;
}

/** What identity policies say to a request. */
export type Answer = 'allowed' | 'explicitly-denied' | 'implicitly-denied' | 'depends';

/** The statement that decided, by its document's place in the list and its own in the document. */
export interface DecidingStatement {
  readonly document: number;
  readonly statement: number;
  readonly sid?: string;
}

/** An answer and, unless nothing applied, the statement that decided it. */
export interface Evaluation {
  readonly answer: Answer;
  readonly by?: DecidingStatement;
}

/**
 * Asks identity policies about one request. An explicit Deny wins; a Deny that depends on unknown
 * context turns `allowed` into `depends`. Throws `InvalidInputError` `malformed-policy`.
 */
export function evaluate(
  documents: readonly (string | PolicyDocument)[],
  request: AccessRequest,
): Evaluation {
  const action = request.action.toLowerCase();
  const known = knownContext(request.context ?? {}, request.contextComplete === true);
  let allow: DecidingStatement | undefined;
  let allowDepends: DecidingStatement | undefined;
  let denyDepends: DecidingStatement | undefined;
  for (const [document, source] of documents.entries()) {
    for (const compiled of compiledStatements(source)) {
      const applies = statementApplies(compiled, action, request.resource, known);
      if (applies === 'no') continue;
      const by = deciding(document, compiled);
      if (compiled.statement.effect === 'Deny') {
        if (applies === 'yes') return { answer: 'explicitly-denied', by };
        denyDepends ??= by;
      } else if (applies === 'yes') allow ??= by;
      else allowDepends ??= by;
    }
  }
  if (allow !== undefined) {
    return denyDepends === undefined
      ? { answer: 'allowed', by: allow }
      : { answer: 'depends', by: denyDepends };
  }
  return allowDepends === undefined
    ? { answer: 'implicitly-denied' }
    : { answer: 'depends', by: allowDepends };
}

function deciding(document: number, compiled: CompiledStatement): DecidingStatement {
  const { sid } = compiled.statement;
  return { document, statement: compiled.index, ...(sid === undefined ? {} : { sid }) };
}

function statementApplies(
  compiled: CompiledStatement,
  action: string,
  resource: string,
  known: KnownContext,
): Tri {
  if (!setHas(compiled.actions, action)) return 'no';
  const { kind, patterns } = compiled.resources;
  const match = anyOf(patterns.map((pattern) => resourceMatches(pattern, resource, known)));
  const inSet = kind === 'only' ? match : not(match);
  if (inSet === 'no') return 'no';
  return allOf([
    inSet,
    evaluateConditions(compiled.statement.conditions, known, compiled.variables),
  ]);
}

function resourceMatches(pattern: Pattern, resource: string, known: KnownContext): Tri {
  const filled = pattern.variables ? fillIn(pattern, known) : pattern;
  if (filled === 'unknown') return 'depends';
  // A variable without a value leaves a text that matches nothing.
  if (filled === 'absent') return 'no';
  return matchesPattern(filled, resource) ? 'yes' : 'no';
}
