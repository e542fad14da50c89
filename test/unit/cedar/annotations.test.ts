import { describe, expect, it } from '@jest/globals';
import { checkPolicies } from '../../../adapters/cedar/load.ts';
import { PolicyInvalidError } from '../../../core/errors.ts';
import { PERMIT, policySet } from './fixtures.ts';

const HEAD = '(principal, action in Action::"phase:apply", resource is IamRole)';
const APPROVED = `forbid ${HEAD} when { context.approvals < 1 };`;

function loadError(text: string): PolicyInvalidError {
  try {
    policySet(text, 'mine.cedar');
  } catch (error) {
    if (error instanceof PolicyInvalidError) return error;
    throw error;
  }
  throw new Error(`the set loaded: ${text}`);
}

// What is wrong, the set, the code, and what of the place the message must name.
const REFUSED: readonly (readonly [string, string, string, string])[] = [
  ['no @id', PERMIT.replace('@id("p")', ''), 'policy-id-missing', '`mine.cedar`'],
  ['a bare @id', PERMIT.replace('("p")', ''), 'policy-id-missing', '`mine.cedar`'],
  ['an empty @id', PERMIT.replace('"p"', '""'), 'policy-id-missing', '`mine.cedar`'],
  ['an @id with a space', PERMIT.replace('"p"', '"a b"'), 'policy-id-missing', '`mine.cedar`'],
  ['one @id on two policies', PERMIT + PERMIT, 'duplicate-policy-id', '`p`'],
  ['two @id on one policy', `@id("q") ${PERMIT}`, 'policy-syntax', '`mine.cedar`'],
  ['an unknown annotation', `@owner("me") ${PERMIT}`, 'unknown-annotation', '`@owner("me")`'],
  ['an unknown @mode', `@mode("audit") ${PERMIT}`, 'unknown-annotation', '`@mode("audit")`'],
  ['a bare @mode', `@mode ${PERMIT}`, 'unknown-annotation', '`p` of `mine.cedar`'],
  ['an empty @advice', `@advice("") ${PERMIT}`, 'unknown-annotation', '`p` of `mine.cedar`'],
  ['@approval on a permit', `@approval("1") ${PERMIT}`, 'unknown-annotation', '`p`'],
  ['@approval("0")', `@id("f") @approval("0") ${APPROVED}`, 'unknown-annotation', '`f`'],
  ['@approval("1.5")', `@id("f") @approval("1.5") ${APPROVED}`, 'unknown-annotation', '`f`'],
  ['@approval("two")', `@id("f") @approval("two") ${APPROVED}`, 'unknown-annotation', '`f`'],
  [
    '@approval of a number that the forbid does not read',
    `@id("f") @approval("2") ${APPROVED}`,
    'approval-not-read',
    '`f` of `mine.cedar`',
  ],
  [
    '@approval on a forbid that reads no approvals',
    `@id("f") @approval("1") forbid ${HEAD} when { context.widens };`,
    'approval-not-read',
    '`context.approvals < 1`',
  ],
  [
    'a permit for any principal',
    PERMIT.replace('principal is Agent', 'principal'),
    'wildcard-permit',
    '`p` of `mine.cedar`',
  ],
  [
    'a permit for any action',
    PERMIT.replace('action in Action::"phase:apply"', 'action'),
    'wildcard-permit',
    '`p` of `mine.cedar`',
  ],
  [
    'a permit for anything',
    '@id("all") permit (principal, action, resource);',
    'wildcard-permit',
    '`all`',
  ],
  [
    'a permit whose condition alone narrows it',
    '@id("w") permit (principal, action, resource) when { principal == Agent::"iam-auditor" };',
    'wildcard-permit',
    '`w`',
  ],
  [
    'a template',
    '@id("t") permit (principal == ?principal, action in Action::"phase:apply", resource);',
    'template-unsupported',
    '`mine.cedar`',
  ],
  ['broken text', `${PERMIT} permit (`, 'policy-syntax', '`mine.cedar`'],
  [
    'a policy that can never match',
    `@id("f") forbid ${HEAD} when { principal == resource };`,
    'policy-not-valid',
    '`mine.cedar`',
  ],
  [
    'an action that takes no such resource',
    PERMIT.replace('in Action::"phase:apply"', '== Action::"iam:PutUserPolicy"'),
    'policy-not-valid',
    '`p`',
  ],
  [
    'an action that the schema does not know',
    PERMIT.replace('in Action::"phase:apply"', '== Action::"iam:CreateUser"'),
    'policy-not-valid',
    '`p`',
  ],
  [
    'a context field that the schema does not know',
    `@id("f") forbid ${HEAD} when { context.hour > 18 };`,
    'policy-not-valid',
    'hour',
  ],
  ['nothing but a comment', '// to be written', 'no-policies', 'no enforced policy'],
  ['shadow policies alone', `@mode("shadow") ${PERMIT}`, 'no-policies', 'no enforced policy'],
];

describe('a policy set is refused for', () => {
  it.each(REFUSED)('%s', (_what, text, code, place) => {
    const error = loadError(text);

    expect(error.code).toBe(code);
    expect(error.message).toContain(place);
  });

  it('one id in two files, naming both', () => {
    const [one] = policySet(PERMIT, 'one.cedar').policies;
    const two = policySet(PERMIT, 'two.cedar');

    expect(one).toBeDefined();
    expect(() =>
      checkPolicies({ ...two, policies: [...two.policies, ...(one === undefined ? [] : [one])] }),
    ).toThrow(/`p` stands in `two.cedar` and in `one.cedar`/);
  });
});

describe('a policy set is accepted with', () => {
  it('every annotation used as it is meant', () => {
    const { policies } = policySet(
      `${PERMIT}
       @id("f") @advice("a person looks first") @approval("1") @mode("shadow") ${APPROVED}`,
    );

    expect(policies).toMatchObject([
      { id: 'f', advice: 'a person looks first', approval: 1, mode: 'shadow' },
      { id: 'p', mode: 'enforced' },
    ]);
  });
});
