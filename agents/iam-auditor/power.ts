import { compiledStatements, setHas } from '../../iam/compiled.ts';
import type { RequestContext } from '../../iam/context.ts';
import { evaluate } from '../../iam/evaluate.ts';
import type { Source, Subject } from './enumerate.ts';

/** Whether a principal may make a call: for sure, under a condition, or not. */
export type Power = 'yes' | 'depends' | 'no';

/**
 * The moment that date conditions are judged at: the release date of the action data. A grant that had
 * ended by then grants nothing; the auditor has no clock of its own.
 */
export const AS_OF = '2026-09-26T00:00:00Z';

/** What identity policies, groups, Deny statements and the boundary together say to one call. */
export function powerOf(subject: Subject, action: string, resource: string): Power {
  const request = { action, resource, context: contextOf(subject) };
  const texts = subject.sources.map((each) => each.documentText);
  const own = evaluate(texts, request).answer;
  if (own === 'explicitly-denied' || own === 'implicitly-denied') return 'no';
  const bound = subject.boundary;
  const cap = bound === undefined ? 'allowed' : evaluate([bound.documentText], request).answer;
  if (cap === 'explicitly-denied' || cap === 'implicitly-denied') return 'no';
  return own === 'allowed' && cap === 'allowed' ? 'yes' : 'depends';
}

function contextOf({ account, principal }: Subject): RequestContext {
  return {
    'aws:CurrentTime': AS_OF,
    'aws:TokenIssueTime': AS_OF,
    'aws:PrincipalAccount': account.accountId,
    'aws:PrincipalArn': principal.arn,
    'aws:username': principal.type === 'user' ? principal.name : [],
  };
}

/** The sources with an Allow statement whose actions have this one. */
export function sourcesGranting(subject: Subject, action: string): readonly Source[] {
  const name = action.toLowerCase();
  return subject.sources.filter((source) =>
    compiledStatements(source.documentText).some(
      (each) => each.statement.effect === 'Allow' && setHas(each.actions, name),
    ),
  );
}

const SAMPLES_MAX = 64;

/** Example resources, one for each resource pattern of the Allow statements that have the action. */
export function sampleResources(subject: Subject, action: string): readonly string[] {
  const name = action.toLowerCase();
  const samples = new Set<string>();
  for (const source of subject.sources) {
    for (const { statement, actions } of compiledStatements(source.documentText)) {
      if (statement.effect !== 'Allow' || !setHas(actions, name)) continue;
      if (statement.resources.kind === 'except') samples.add(anyResource(subject, action));
      else
        for (const pattern of statement.resources.patterns)
          samples.add(sampleOf(subject, action, pattern));
    }
  }
  return [...samples].slice(0, SAMPLES_MAX);
}

const anyResource = ({ account }: Subject, action: string): string =>
  `arn:${account.partition}:${action.split(':')[0]}:us-east-1:${account.accountId}:sample/any`;

function sampleOf(subject: Subject, action: string, pattern: string): string {
  const parts = pattern.split(':');
  if (parts.length < 6) return anyResource(subject, action);
  const { accountId, partition } = subject.account;
  const defaults = ['arn', partition, action.split(':')[0] ?? '', 'us-east-1', accountId];
  const head = defaults.map((value, at) => (parts[at] === '*' ? value : (parts[at] ?? value)));
  return [...head, parts.slice(5).join(':').replace(/[*?]/g, 'x')].join(':');
}
