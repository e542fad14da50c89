import { describe, expect, it } from '@jest/globals';
import { grantsNothingNew } from '../../../iam/contain.ts';
import type { PrincipalGrants } from '../../../iam/principal.ts';
import { allow, deny, except, policyText, variable, whenever } from './policy-texts.ts';

const grants = (texts: readonly string[], boundary?: string): PrincipalGrants => ({
  identity: texts.map((documentText, at) => ({ source: `policy-${at + 1}`, documentText })),
  ...(boundary === undefined ? {} : { boundary }),
});
const S3 = policyText(allow('s3:*'));
const READ = policyText(allow(['s3:Get*', 's3:List*']));
const EVERYTHING = policyText(allow('*'));
const NO_PUT = policyText(deny('s3:Put*'));
const MFA = whenever('Bool', 'aws:MultiFactorAuthPresent', 'true');
const BUCKET = 'arn:aws:s3:::bucket';
const OWN = `${BUCKET}/${variable('aws:username')}/*`;
const old = (text: string): string => text.replace('2012-10-17', '2008-10-17');
type Row = readonly [string, PrincipalGrants, PrincipalGrants];

describe('a proof is refused', () => {
  const rows: readonly Row[] = [
    ['a first policy', grants([]), grants([READ])],
    ['a wider policy', grants([READ]), grants([S3])],
    ['a policy beside another', grants([READ]), grants([READ, policyText(allow('ec2:*'))])],
    ['a Deny that goes', grants([S3, NO_PUT]), grants([S3])],
    ['a Deny that goes with its policy', grants([READ, NO_PUT]), grants([READ])],
    [
      'a Deny statement that goes',
      grants([policyText(allow('s3:*'), deny('s3:Put*'))]),
      grants([S3]),
    ],
    ['a narrowed Deny', grants([S3, NO_PUT]), grants([S3, policyText(deny('s3:PutObject'))])],
    [
      'a Deny on fewer resources',
      grants([S3, NO_PUT]),
      grants([S3, policyText(deny('s3:Put*', BUCKET))]),
    ],
    [
      'a Deny with a new condition',
      grants([S3, NO_PUT]),
      grants([S3, policyText(deny('s3:Put*', '*', MFA))]),
    ],
    [
      'a Deny of all but more',
      grants([S3, policyText(except('Deny', 's3:Get*'))]),
      grants([S3, policyText(except('Deny', ['s3:Get*', 's3:Put*']))]),
    ],
    ['a boundary that goes', grants([S3], S3), grants([S3])],
    ['a boundary that widens', grants([EVERYTHING], READ), grants([EVERYTHING], S3)],
    [
      'a boundary that loses a Deny',
      grants([EVERYTHING], policyText(allow('*'), deny('s3:*'))),
      grants([EVERYTHING], EVERYTHING),
    ],
    ['a wider resource', grants([policyText(allow('s3:*', `${BUCKET}/*`))]), grants([S3])],
    [
      'another resource',
      grants([policyText(allow('s3:*', `${BUCKET}/*`))]),
      grants([policyText(allow('s3:*', `${BUCKET}-2/*`))]),
    ],
    [
      'a resource of another case',
      grants([policyText(allow('s3:*', BUCKET))]),
      grants([policyText(allow('s3:*', BUCKET.toUpperCase()))]),
    ],
    ['a dropped condition', grants([policyText(allow('s3:*', '*', MFA))]), grants([S3])],
    [
      'another value of a condition',
      grants([policyText(allow('s3:*', '*', MFA))]),
      grants([policyText(allow('s3:*', '*', whenever('Bool', 'aws:MultiFactorAuthPresent', 'x')))]),
    ],
    [
      'all but fewer actions',
      grants([policyText(except('Allow', ['iam:*', 'sts:*']))]),
      grants([policyText(except('Allow', 'iam:*'))]),
    ],
    ['all but an action for a service', grants([S3]), grants([policyText(except('Allow', 'a:*'))])],
    [
      'an action that was excepted',
      grants([policyText(except('Allow', 'iam:*'))]),
      grants([policyText(allow('iam:Get*'))]),
    ],
    [
      'all but fewer resources',
      grants([policyText(allow('s3:*', null, { NotResource: [BUCKET, `${BUCKET}/*`] }))]),
      grants([policyText(allow('s3:*', null, { NotResource: BUCKET }))]),
    ],
    [
      'a variable for a value',
      grants([policyText(allow('s3:*', `${BUCKET}/ann/*`))]),
      grants([policyText(allow('s3:*', OWN))]),
    ],
    [
      'a variable that was plain text',
      grants([old(policyText(allow('s3:*', OWN)))]),
      grants([policyText(allow('s3:*', OWN))]),
    ],
    [
      'actions and resources that two statements had apart',
      grants([policyText(allow('s3:*', BUCKET), allow('ec2:*', 'x'))]),
      grants([policyText(allow(['s3:*', 'ec2:*'], [BUCKET, 'x']))]),
    ],
    ['a malformed policy that comes', grants([S3]), grants([S3, '{'])],
    ['a malformed policy that goes', grants([S3, '{']), grants([S3])],
    ['a malformed policy that stays', grants([S3, '']), grants([''])],
    ['a malformed boundary', grants([S3]), grants([S3], '')],
    [
      'a policy with a principal',
      grants([S3]),
      grants([policyText({ ...allow('s3:*'), Principal: '*' })]),
    ],
  ];
  it.each(rows)('%s', (_what, before, after) => {
    expect(grantsNothingNew(before, after).proved).toBe(false);
  });

  it('saying which statement of which policy is the reason', () => {
    const after = grants([S3, policyText(allow('s3:Get*'), allow('ec2:*'))]);

    const { reason } = grantsNothingNew(grants([S3]), after);

    expect(reason).toBe('`policy-2` statement 2 allows what may not have been allowed before');
  });
});

describe('a proof is found', () => {
  const rows: readonly Row[] = [
    ['nothing that changes', grants([S3, NO_PUT], READ), grants([S3, NO_PUT], READ)],
    ['a policy that goes', grants([S3]), grants([])],
    ['one of two equal policies that goes', grants([S3, S3]), grants([S3])],
    ['a statement that goes', grants([policyText(allow('s3:*'), allow('a:*'))]), grants([S3])],
    ['a narrowed replacement', grants([S3]), grants([READ])],
    ['the narrow beside the wide', grants([S3]), grants([S3, READ])],
    ['the wide that goes then', grants([S3, READ]), grants([READ])],
    [
      'a policy that others cover together',
      grants([S3, policyText(allow('a:*'))]),
      grants([policyText(allow(['s3:GetObject', 'A:Bc']))]),
    ],
    [
      'a pattern that two patterns of one statement cover',
      grants([policyText(allow(['s3:?*', 's3:']))]),
      grants([S3]),
    ],
    ['another spelling', grants([S3]), grants([policyText(allow(['S3:*'], ['*'], { Sid: 'X' }))])],
    ['a new Deny', grants([S3]), grants([S3, NO_PUT])],
    ['a widened Deny', grants([S3, NO_PUT]), grants([S3, policyText(deny('s3:*'))])],
    [
      'a Deny of all but less',
      grants([S3, policyText(except('Deny', ['s3:Get*', 's3:Put*']))]),
      grants([S3, policyText(except('Deny', 's3:Get*'))]),
    ],
    [
      'a Deny that loses its condition',
      grants([S3, policyText(deny('s3:Put*', '*', MFA))]),
      grants([S3, NO_PUT]),
    ],
    ['a first boundary', grants([EVERYTHING]), grants([EVERYTHING], READ)],
    ['a boundary in place of a wider one', grants([EVERYTHING], S3), grants([EVERYTHING], READ)],
    [
      'a Deny that goes from the boundary into a policy',
      grants([S3], policyText(allow('*'), deny('s3:Put*'))),
      grants([S3, NO_PUT], EVERYTHING),
    ],
    ['a new condition', grants([S3]), grants([policyText(allow('s3:*', '*', MFA))])],
    [
      'all but more actions',
      grants([policyText(except('Allow', 'iam:*'))]),
      grants([policyText(except('Allow', ['iam:*', 'sts:*']))]),
    ],
    [
      'an action that was not excepted',
      grants([policyText(except('Allow', 'iam:*'))]),
      grants([READ]),
    ],
    [
      'all but an action for everything',
      grants([EVERYTHING]),
      grants([policyText(except('Allow', 'a:*'))]),
    ],
    [
      'a variable for a star',
      grants([policyText(allow('s3:*', `${BUCKET}/*`))]),
      grants([policyText(allow('s3:*', OWN))]),
    ],
    [
      'the same variable',
      grants([policyText(allow('s3:*', OWN))]),
      grants([policyText(allow('s3:Get*', OWN))]),
    ],
  ];
  it.each(rows)('%s', (_what, before, after) => {
    expect(grantsNothingNew(before, after)).toMatchObject({ proved: true });
  });
});
