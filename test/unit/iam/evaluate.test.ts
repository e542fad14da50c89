import { describe, expect, it } from '@jest/globals';
import { type AccessRequest, type Answer, evaluate } from '../../../iam/evaluate.ts';
import { allow, deny, except, policyText, type StatementText, variable } from './policy-texts.ts';

const OBJECT = 'arn:aws:s3:::bucket/key';
const answerOf = (
  statements: readonly StatementText[],
  request: Partial<AccessRequest> = {},
): Answer =>
  evaluate([policyText(...statements)], { action: 's3:GetObject', resource: OBJECT, ...request })
    .answer;

describe('evaluation', () => {
  it('refuses a malformed document', () => {
    const ask = (): unknown => evaluate(['{}'], { action: 's3:GetObject', resource: OBJECT });

    expect(ask).toThrow(expect.objectContaining({ code: 'malformed-policy' }));
  });

  it('denies where there is no document', () => {
    expect(evaluate([], { action: 's3:GetObject', resource: OBJECT })).toEqual({
      answer: 'implicitly-denied',
    });
  });

  const rows: readonly [string, readonly StatementText[], Answer][] = [
    ['an exact action', [allow('s3:GetObject')], 'allowed'],
    ['an action in another case', [allow('S3:getobject')], 'allowed'],
    ['a run of characters', [allow('s3:Get*')], 'allowed'],
    ['a run that is empty', [allow('s3:GetObject*')], 'allowed'],
    ['a run in the middle', [allow('s3:*Object')], 'allowed'],
    ['one character', [allow('s3:?etObject')], 'allowed'],
    ['one character that must be there', [allow('s3:GetObject?')], 'implicitly-denied'],
    ['everything', [allow('*')], 'allowed'],
    ['another service', [allow('ec2:*')], 'implicitly-denied'],
    ['one action of a list', [allow(['ec2:*', 's3:GetObject'])], 'allowed'],
    ['an action that only begins alike', [allow('s3:Get')], 'implicitly-denied'],
    ['a dot, which is no wildcard', [allow('s3.GetObject')], 'implicitly-denied'],
    ['an exact resource', [allow('s3:*', OBJECT)], 'allowed'],
    ['a resource in another case', [allow('s3:*', OBJECT.toUpperCase())], 'implicitly-denied'],
    ['a resource across slashes', [allow('s3:*', 'arn:aws:s3:::buck*y')], 'allowed'],
    ['another resource', [allow('s3:*', 'arn:aws:s3:::other/*')], 'implicitly-denied'],
    ['all but another action', [except('Allow', 'iam:*')], 'allowed'],
    ['all but this action', [except('Allow', 's3:Get*')], 'implicitly-denied'],
    ['all but one of these actions', [except('Allow', ['iam:*', 's3:*'])], 'implicitly-denied'],
    ['all but another resource', [allow('s3:*', null, { NotResource: 'x' })], 'allowed'],
    [
      'all but this resource',
      [allow('s3:*', null, { NotResource: 'arn:aws:s3:::bucket/*' })],
      'implicitly-denied',
    ],
    ['a Deny beside an Allow', [allow('*'), deny('s3:GetObject')], 'explicitly-denied'],
    ['a Deny alone', [deny('s3:GetObject')], 'explicitly-denied'],
    ['a Deny on another resource', [allow('*'), deny('s3:*', 'arn:x')], 'allowed'],
    ['a Deny of all but this', [allow('*'), except('Deny', 's3:*')], 'allowed'],
    ['a Deny of all but another', [allow('*'), except('Deny', 'iam:*')], 'explicitly-denied'],
  ];
  it.each(rows)('reads %s', (_what, statements, expected) => {
    expect(answerOf(statements)).toBe(expected);
  });

  it('lets a Deny of one document win over an Allow of another, whatever their order', () => {
    const texts = [policyText(allow('*')), policyText(deny('s3:*', '*', { Sid: 'No' }))];
    const request = { action: 's3:GetObject', resource: OBJECT };

    const one = evaluate(texts, request);
    const other = evaluate(texts.toReversed(), request);

    expect(one).toEqual({
      answer: 'explicitly-denied',
      by: { document: 1, statement: 0, sid: 'No' },
    });
    expect(other.answer).toBe('explicitly-denied');
  });

  describe('of a policy variable', () => {
    const statements = [allow('s3:*', `arn:aws:s3:::bucket/${variable('aws:username')}`)];
    const named = (name: string | readonly string[]): Partial<AccessRequest> => ({
      context: { 'AWS:UserName': name },
    });
    const cases: readonly [string, Partial<AccessRequest>, Answer][] = [
      ['matches its value', named('key'), 'allowed'],
      ['matches no other value', named('other'), 'implicitly-denied'],
      ['takes a star in the value literally', named('*'), 'implicitly-denied'],
      ['depends where it is unknown', {}, 'depends'],
      ['matches nothing where it is absent', { contextComplete: true }, 'implicitly-denied'],
      ['depends where it has several values', named(['key', 'other']), 'depends'],
    ];
    it.each(cases)('%s', (_what, request, expected) => {
      expect(answerOf(statements, request)).toBe(expected);
    });

    it('is plain text in a document of the old version', () => {
      const text = JSON.stringify({ Version: '2008-10-17', Statement: statements });
      const ask = (resource: string): Answer =>
        evaluate([text], { action: 's3:GetObject', resource, ...named('key') }).answer;

      const literal = ask(`arn:aws:s3:::bucket/${variable('aws:username')}`);

      expect([ask(OBJECT), literal]).toEqual(['implicitly-denied', 'allowed']);
    });

    it('escapes wildcards', () => {
      const escaped = [allow('s3:*', `arn:aws:s3:::bucket/${variable('*')}`)];

      const answers = [answerOf(escaped), answerOf(escaped, { resource: 'arn:aws:s3:::bucket/*' })];

      expect(answers).toEqual(['implicitly-denied', 'allowed']);
    });
  });
});
