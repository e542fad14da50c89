import { describe, expect, it } from '@jest/globals';
import { Finding } from '../../../agents/iam-auditor/finding.ts';
import { ESCALATION_PATHS } from '../../../agents/iam-auditor/paths/catalog.ts';
import { auditAccount } from '../../../agents/iam-auditor/report.ts';
import { accountOf, allow, arnOf, deny, documentOf, type Given, trustOf } from './account-of.ts';

const found = (given: Given): readonly Finding[] =>
  auditAccount(accountOf(given)).findings.filter((each) => each.principal.name === 'subject');
const rules = (given: Given): readonly string[] => [
  ...new Set(found(given).map((each) => each.ruleId)),
];
const pathsOf = (given: Given): readonly string[] =>
  found(given).flatMap((each) => (each.path[0] === undefined ? [] : [each.path[0]]));
const inline = (...statements: readonly unknown[]): Given => ({
  inline: { one: documentOf(...statements) },
});

describe('administrator', () => {
  it.each([['*'], ['*:*'], ['**']])('fires on %s', (action) => {
    expect(rules(inline(allow(action)))).toEqual(['administrator-by-wildcard']);
  });

  it.each<[string, Given]>([
    ['a Deny of everything', inline(allow('*'), deny('*'))],
    ['a boundary', { ...inline(allow('*')), boundary: documentOf(allow('logs:PutLogEvents')) }],
    ['one bucket only', inline(allow('*', 'arn:aws:s3:::one/*'))],
    [
      'a condition',
      inline(allow('*', '*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })),
    ],
    ['another action', inline(allow('logs:*'))],
  ])('does not fire with %s', (_, given) => {
    expect(rules(given)).not.toContain('administrator-by-wildcard');
  });
});

describe('privilege escalation', () => {
  it('knows at least 20 paths, each id once', () => {
    const ids = ESCALATION_PATHS.map((each) => each.id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(20);
  });

  it.each(ESCALATION_PATHS.map((each) => [each.id, each] as const))('%s', (id, path) => {
    const actions = path.permissions.map((each) => each.action);
    const respelled = actions.map((each) => each.toUpperCase().replace(/.$/, '?'));

    expect(pathsOf(inline(allow(actions)))).toContain(id);
    expect(pathsOf(inline(allow(respelled)))).toContain(id);
    expect(pathsOf(inline(allow(actions), deny(path.cut)))).not.toContain(id);
    expect(
      pathsOf({ ...inline(allow(actions)), boundary: documentOf(allow('s3:GetObject')) }),
    ).not.toContain(id);
    for (const missing of actions)
      expect(
        pathsOf(inline(allow(['logs:Get*', ...actions.filter((each) => each !== missing)]))),
      ).not.toContain(id);
  });

  it('needs a customer managed policy to write a version of', () => {
    const given = inline(allow('iam:CreatePolicyVersion', 'arn:aws:iam::aws:policy/x-*'));

    expect(pathsOf(given)).toEqual([]);
  });

  it('lets a user rotate only its own keys', () => {
    const given = inline(allow('iam:CreateAccessKey', arnOf('user/$' + '{aws:username}')));

    expect(pathsOf({ ...given, type: 'user' })).toEqual([]);
  });

  it('judges a grant that ended years ago as ended, and one under a condition as medium', () => {
    const when = (condition: object): Given =>
      inline(allow('iam:CreatePolicyVersion', '*', { Condition: condition }));

    expect(
      pathsOf(when({ DateLessThan: { 'aws:TokenIssueTime': '2020-01-01T00:00:01Z' } })),
    ).toEqual([]);
    expect(found(when({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }))[0]?.severity).toBe(
      'medium',
    );
  });
});

describe('sensitive services', () => {
  it.each([['s3:*'], ['S3:**'], ['s?:*']])('fires on %s', (action) => {
    expect(found(inline(allow(action))).map((each) => each.category)).toContain(
      'data-exfiltration',
    );
  });

  it.each<[string, Given]>([
    ['one bucket', inline(allow('s3:*', 'arn:aws:s3:::one/*'))],
    ['a part of the service', inline(allow('s3:Get*'))],
    ['a Deny of a part', inline(allow('s3:*'), deny('s3:GetObject'))],
  ])('does not fire on %s', (_, given) => {
    expect(rules(given)).not.toContain('sensitive-service-wildcard');
  });
});

describe('trust', () => {
  const MFA = { Condition: { StringEquals: { 'sts:ExternalId': 'x' } } };

  it.each([
    ['open-public-trust', { trust: trustOf('*') }],
    ['open-public-trust', { trust: trustOf({ AWS: '*' }) }],
    ['open-cross-account-trust', { trust: trustOf({ AWS: 'arn:aws:iam::999988887777:root' }) }],
    ['open-cross-account-trust', { trust: trustOf({ AWS: '999988887777' }) }],
  ])('%s', (rule, given) => {
    expect(rules(given)).toEqual([rule]);
  });

  it.each([
    [{ trust: trustOf({ AWS: '*' }, MFA) }],
    [{ trust: trustOf({ AWS: 'arn:aws:iam::999988887777:root' }, MFA) }],
    [{ trust: trustOf({ AWS: arnOf('root') }) }],
    [{ trust: trustOf({ Service: 'lambda.amazonaws.com' }) }],
  ])('is in order: %j', (given) => {
    expect(rules(given)).toEqual([]);
  });
});

describe('hygiene and validity', () => {
  it('reports inline grants of users, not of roles, and not pure Deny', () => {
    const given = inline(allow('logs:GetLogEvents'));

    expect(rules({ ...given, type: 'user' })).toEqual(['user-inline-policy']);
    expect(rules(given)).toEqual([]);
    expect(rules({ ...inline(deny('iam:*')), type: 'user' })).toEqual([]);
  });

  it('reports a malformed policy and proposes nothing for its bearer', () => {
    const given = { inline: { bad: { Version: '2012-10-17' }, wide: documentOf(allow('*')) } };

    expect(rules(given)).toEqual(['administrator-by-wildcard', 'invalid-policy']);
    expect(auditAccount(accountOf(given)).plans).toEqual([]);
  });

  it('leaves out service-linked roles and says so', () => {
    const given = { ...inline(allow('*')), path: '/aws-service-role/x.amazonaws.com/' };

    expect(rules(given)).toEqual([]);
    expect(auditAccount(accountOf(given)).account.excluded).toHaveLength(1);
  });

  it('makes findings that fit the schema, with ids that stay', () => {
    const one = found(inline(allow(['iam:*', 's3:*'])));

    expect(one.map((each) => Finding.parse(each))).toEqual(found(inline(allow(['iam:*', 's3:*']))));
  });
});
