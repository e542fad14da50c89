import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '../../../core/errors.ts';
import { compiledStatements } from '../../../iam/compiled.ts';
import { DOCUMENT_CHARS_MAX, parsePolicyDocument } from '../../../iam/document.ts';

const STATEMENT = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const textOf = (change: object, without: readonly string[] = []): string => {
  const statement = Object.entries({ ...STATEMENT, ...change });
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [Object.fromEntries(statement.filter(([key]) => !without.includes(key)))],
  });
};
const errorOf = (text: string): InvalidInputError => {
  try {
    parsePolicyDocument(text);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error(`parsed: ${text}`);
};

describe('a malformed policy document', () => {
  const rows: readonly [string, string, string][] = [
    ['is no JSON', '{', 'not JSON'],
    ['is empty', '', 'not JSON'],
    ['is a list', '[]', 'the top'],
    ['has no statement', '{"Version":"2012-10-17"}', 'Statement'],
    ['has an empty list of statements', '{"Statement":[]}', 'Statement'],
    ['has an unknown version', '{"Version":"2020-01-01","Statement":[]}', 'Version'],
    ['has an unknown field', `{"Statement":${JSON.stringify(STATEMENT)},"Other":1}`, '"Other"'],
    ['has a member twice', '{"Version":"2012-10-17","Version":"2008-10-17"}', 'not JSON'],
    ['has an unknown field in a statement', textOf({ Aktion: 's3:*' }), 'Statement[0]'],
    ['has no effect', textOf({}, ['Effect']), 'Statement[0].Effect'],
    ['has an effect in lower case', textOf({ Effect: 'allow' }), 'Statement[0].Effect'],
    ['has no action', textOf({}, ['Action']), 'Statement[0].Action'],
    ['has both kinds of action', textOf({ NotAction: 's3:*' }), 'Statement[0].Action'],
    ['has an empty list of actions', textOf({ Action: [] }), 'Statement[0].Action'],
    ['has an empty action', textOf({ Action: ['s3:*', ''] }), 'Statement[0].Action'],
    ['has a number as action', textOf({ Action: 1 }), 'Statement[0].Action'],
    ['has no resource', textOf({}, ['Resource']), 'Statement[0].Resource'],
    ['has both kinds of resource', textOf({ NotResource: '*' }), 'Statement[0].Resource'],
    ['has an unknown operator', textOf({ Condition: { Like: { a: 'b' } } }), '`Like`'],
    ['has a null value', textOf({ Condition: { Bool: { a: null } } }), 'Condition.Bool.a'],
    ['has a key twice', textOf({ Condition: { Bool: { a: 'true', A: 'true' } } }), '`A` twice'],
    ['has an empty principal', textOf({ Principal: {} }), 'Statement[0].Principal'],
    ['is too long', ' '.repeat(DOCUMENT_CHARS_MAX + 1), `${DOCUMENT_CHARS_MAX} characters`],
  ];
  it.each(rows)('that %s is refused, naming the place', (_what, text, place) => {
    const error = errorOf(text);

    expect(error.code).toBe('malformed-policy');
    expect(error.message).toContain(place);
  });

  it('with a principal is no identity policy', () => {
    const text = textOf({ Principal: '*' });

    expect(parsePolicyDocument(text).statements).toHaveLength(1);
    expect(() => compiledStatements(text)).toThrow('an identity policy has no principal');
  });
});

describe('a policy document', () => {
  it('without a version has the default that knows no variables', () => {
    const document = parsePolicyDocument(JSON.stringify({ Statement: STATEMENT }));

    expect(document.version).toBe('2008-10-17');
    expect(document.statements[0]?.actions).toEqual({ kind: 'only', patterns: ['s3:GetObject'] });
  });

  it('keeps negations, and condition values as texts', () => {
    const text = textOf(
      {
        NotAction: ['iam:*'],
        NotResource: 'x',
        Condition: { Bool: { a: true }, Null: { b: [1] } },
      },
      ['Action', 'Resource'],
    );

    const [statement] = parsePolicyDocument(text).statements;

    expect(statement?.actions).toEqual({ kind: 'except', patterns: ['iam:*'] });
    expect(statement?.resources).toEqual({ kind: 'except', patterns: ['x'] });
    expect(statement?.conditions.map(({ key, values }) => [key, values])).toEqual([
      ['a', ['true']],
      ['b', ['1']],
    ]);
  });
});
