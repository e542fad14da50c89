import { describe, expect, it } from '@jest/globals';
import { normalForm } from '../../../iam/normal-form.ts';
import { allow, deny, except, policyText, whenever } from './policy-texts.ts';

const ROOT = 'arn:aws:iam::111122223333:root';
const trusting = (Principal: unknown): string => policyText({ ...allow('sts:X'), Principal });
const old = (text: string): string => text.replace('2012-10-17', '2008-10-17');

describe('the normal form', () => {
  it('is refused to a text that is no document', () => {
    expect(() => normalForm('{')).toThrow(expect.objectContaining({ code: 'malformed-policy' }));
  });

  const equal: readonly [string, string, string][] = [
    [
      'white space',
      policyText(allow('s3:*')),
      JSON.stringify(JSON.parse(policyText(allow('s3:*'))), null, 2),
    ],
    ['a list of one', policyText(allow('s3:*')), policyText(allow(['s3:*'], ['*']))],
    [
      'a lone statement',
      policyText(allow('s3:*')),
      JSON.stringify({ Statement: allow('s3:*'), Version: '2012-10-17' }),
    ],
    ['the order of actions', policyText(allow(['a:A', 'a:B'])), policyText(allow(['a:B', 'a:A']))],
    ['an action twice', policyText(allow(['a:A', 'a:A'])), policyText(allow('a:A'))],
    ['the case of actions', policyText(allow('S3:GETOBJECT')), policyText(allow('s3:GetObject'))],
    [
      'the order of statements',
      policyText(allow('a:A'), deny('a:B')),
      policyText(deny('a:B'), allow('a:A')),
    ],
    [
      'the case of operators and keys',
      policyText(allow('a:A', '*', whenever('stringlike', 'AWS:UserName', 'x'))),
      policyText(allow('a:A', '*', whenever('StringLike', 'aws:username', ['x']))),
    ],
    [
      'a boolean for its text',
      policyText(allow('a:A', '*', whenever('Bool', 'k', true))),
      policyText(allow('a:A', '*', whenever('Bool', 'k', 'true'))),
    ],
    [
      'an empty block of conditions',
      policyText(allow('a:A')),
      policyText(allow('a:A', '*', { Condition: {} })),
    ],
    ['a bare star as principal', trusting('*'), trusting({ AWS: '*' })],
    ['an account for its root', trusting({ AWS: ROOT }), trusting({ AWS: ['111122223333'] })],
    [
      'the default version',
      JSON.stringify({ Statement: [allow('a:A')] }),
      old(policyText(allow('a:A'))),
    ],
  ];
  it.each(equal)('does not tell apart %s', (_what, one, other) => {
    expect(normalForm(other)).toBe(normalForm(one));
  });

  const different: readonly [string, string, string][] = [
    ['effects', policyText(allow('a:A')), policyText(deny('a:A'))],
    ['actions', policyText(allow('a:A')), policyText(allow('a:B'))],
    ['an action and its negation', policyText(allow('a:A')), policyText(except('Allow', 'a:A'))],
    ['the case of resources', policyText(allow('a:A', 'x')), policyText(allow('a:A', 'X'))],
    [
      'a resource and its negation',
      policyText(allow('a:A', 'x')),
      policyText(allow('a:A', null, { NotResource: 'x' })),
    ],
    ['a statement more', policyText(allow('a:A')), policyText(allow('a:A'), allow('a:B'))],
    ['versions', policyText(allow('a:A')), old(policyText(allow('a:A')))],
    ['statement ids', policyText(allow('a:A')), policyText(allow('a:A', '*', { Sid: 'S' }))],
    [
      'condition values',
      policyText(allow('a:A', '*', whenever('StringLike', 'k', 'x'))),
      policyText(allow('a:A', '*', whenever('StringLike', 'k', 'X'))),
    ],
    [
      'operators',
      policyText(allow('a:A', '*', whenever('StringLike', 'k', 'x'))),
      policyText(allow('a:A', '*', whenever('StringLikeIfExists', 'k', 'x'))),
    ],
    ['types of principal', trusting({ AWS: '1' }), trusting({ Federated: '1' })],
    [
      'principals and their negation',
      trusting({ AWS: '1' }),
      policyText({ ...allow('sts:X'), NotPrincipal: { AWS: '1' } }),
    ],
    ['a pattern that another covers', policyText(allow('a:*')), policyText(allow(['a:*', 'a:A']))],
  ];
  it.each(different)('tells apart %s', (_what, one, other) => {
    expect(normalForm(other)).not.toBe(normalForm(one));
  });
});
