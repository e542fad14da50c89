import { describe, expect, it } from '@jest/globals';
import type { RequestContext } from '../../../iam/context.ts';
import { type Answer, evaluate } from '../../../iam/evaluate.ts';
import { allow, deny, policyText, whenever } from './policy-texts.ts';

const ask = (
  texts: readonly string[],
  context: RequestContext = {},
  contextComplete = false,
): Answer =>
  evaluate(texts, { action: 's3:GetObject', resource: '*', context, contextComplete }).answer;
const YES = 'allowed';
const NO = 'implicitly-denied';

describe('a condition', () => {
  const rows: readonly [string, unknown, string | readonly string[], Answer][] = [
    ['StringEquals', 'a', 'a', YES],
    ['StringEquals', 'a', 'A', NO],
    ['StringEquals', 'a*', 'ab', NO],
    ['StringEquals', ['b', 'a'], 'a', YES],
    ['stringequals', 'a', 'a', YES],
    ['StringEqualsIgnoreCase', 'a', 'A', YES],
    ['StringNotEquals', 'a', 'b', YES],
    ['StringNotEquals', ['a', 'b'], 'b', NO],
    ['StringLike', 'a*', 'ab', YES],
    ['StringLike', 'a?', 'abc', NO],
    ['StringNotLike', 'a*', 'ab', NO],
    ['NumericLessThan', '10', '9', YES],
    ['NumericLessThan', '10', '10', NO],
    ['NumericGreaterThanEquals', 10, '10', YES],
    ['NumericEquals', '10', 'ten', 'depends'],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', YES],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', NO],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2026-01-01T00:30:00+01:00', YES],
    ['DateGreaterThan', '1767225600', '2026-01-01T00:00:01Z', YES],
    ['DateLessThan', 'soon', '2026-01-01T00:00:00Z', 'depends'],
    ['Bool', 'true', 'TRUE', YES],
    ['Bool', true, 'false', NO],
    ['IpAddress', '10.0.0.0/8', '10.1.2.3', YES],
    ['IpAddress', '10.0.0.0/8', '11.1.2.3', NO],
    ['NotIpAddress', '10.0.0.0/8', '11.1.2.3', YES],
    ['ArnEquals', 'arn:aws:iam::*:role/a', 'arn:aws:iam::1:role/a', YES],
    ['ArnLike', 'arn:aws:iam::1:*', 'arn:aws:iam::1:role/a', YES],
    ['ArnLike', 'arn:*:role/a', 'arn:aws:iam::1:role/a', NO],
    ['ArnNotLike', 'arn:aws:iam::1:*', 'arn:aws:iam::2:role/a', YES],
    ['Null', 'false', 'a', YES],
    ['Null', 'true', 'a', NO],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['b', 'c'], YES],
    ['ForAllValues:StringEquals', ['a', 'b'], ['b', 'c'], NO],
    ['ForAllValues:StringEquals', ['a', 'b'], ['b', 'a'], YES],
  ];
  it.each(rows)('%s %j of a request with %j', (operator, wanted, actual, expected) => {
    const text = policyText(allow('*', '*', whenever(operator, 'the:Key', wanted)));

    expect(ask([text], { 'The:key': actual })).toBe(expected);
  });

  const absent: readonly [string, Answer][] = [
    ['StringEquals', NO],
    ['StringNotEquals', YES],
    ['StringEqualsIfExists', YES],
    ['ForAllValues:StringEquals', YES],
    ['ForAnyValue:StringEquals', NO],
    ['ForAnyValue:StringNotEquals', NO],
  ];
  it.each(absent)('%s on a key that the request lacks', (operator, expected) => {
    const text = policyText(allow('*', '*', whenever(operator, 'the:Key', 'a')));

    const answers = [ask([text], {}, true), ask([text], { 'the:Key': [] }), ask([text])];

    expect(answers).toEqual([expected, expected, 'depends']);
  });

  it('must hold with all others of its statement', () => {
    const both = { Condition: { StringEquals: { a: '1', b: '2' } } };
    const text = policyText(allow('*', '*', both));

    const answers = [ask([text], { a: '1', b: '2' }), ask([text], { a: '1', b: '3' })];

    expect(answers).toEqual([YES, NO]);
  });

  it('of a Deny makes an Allow depend, and never grants', () => {
    const guarded = deny('*', '*', whenever('Bool', 'mfa', 'false'));
    const texts = [policyText(allow('*')), policyText(guarded)];

    const answers = [
      ask(texts),
      ask(texts, { mfa: 'true' }),
      ask(texts, { mfa: 'false' }),
      ask([policyText(guarded)]),
    ];

    expect(answers).toEqual(['depends', YES, 'explicitly-denied', NO]);
  });
});
