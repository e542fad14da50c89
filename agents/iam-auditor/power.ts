import { compiledStatements, setHas } from '../../iam/compiled.ts';
import type { RequestContext, Tri } from '../../iam/context.ts';
import { can, type GrantSource } from '../../iam/principal.ts';
import { ACTION_DATA } from './action-data.ts';
import { grantsOfSubject, type Subject } from './enumerate.ts';

/** What identity policies, groups, Deny statements and the boundary together say to one call. */
export function powerOf(subject: Subject, action: string, resource: string): Tri {
  return can(grantsOfSubject(subject), { action, resource, context: contextOf(subject) });
}

function contextOf({ account, principal }: Subject): RequestContext {
  return {
    'aws:CurrentTime': ACTION_DATA.updatedAt,
    'aws:TokenIssueTime': ACTION_DATA.updatedAt,
    'aws:PrincipalAccount': account.accountId,
    'aws:PrincipalArn': principal.arn,
    'aws:username': principal.type === 'user' ? principal.name : [],
  };
}

/** The sources with an Allow statement whose actions have this one. */
export function sourcesGranting(subject: Subject, action: string): readonly GrantSource[] {
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
