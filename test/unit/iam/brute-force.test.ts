import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { everyAction } from '../../brute-force/action-list.ts';
import { gains } from '../../brute-force/gains.ts';
import { allow, deny, except, policyText, type StatementText, whenever } from './policy-texts.ts';

const SANDBOX = '../shared/data/iam/account-sandbox.json';
const TIME_MAX_MS = 20_000;
const arn = (rest: string): string => `arn:aws:iam::111122223333:${rest}`;
const MFA = whenever('Bool', 'aws:MultiFactorAuthPresent', 'true');
const BUCKET = 'arn:aws:s3:::bucket';

/** A user `ann` as a test wants her, beside a role that stays as it is. */
interface Ann {
  readonly attached?: readonly string[];
  readonly inline?: readonly (readonly StatementText[])[];
  readonly groups?: readonly string[];
  readonly boundary?: string;
}

const POLICIES: Readonly<Record<string, unknown>> = {
  's3-read': JSON.parse(policyText(allow(['s3:Get*', 's3:List*']))),
  's3-all': JSON.parse(policyText(allow('s3:*'))),
  'no-put': JSON.parse(policyText(deny('s3:Put*'))),
};
const attach = (names: readonly string[] = []): unknown =>
  names.map((PolicyName) => ({ PolicyName, PolicyArn: arn(`policy/${PolicyName}`) }));
const account = (ann: Ann): unknown => ({
  UserDetailList: [
    {
      UserName: 'ann',
      Arn: arn('user/ann'),
      AttachedManagedPolicies: attach(ann.attached),
      GroupList: ann.groups ?? [],
      UserPolicyList: (ann.inline ?? []).map((each, at) => ({
        PolicyName: `inline-${at}`,
        PolicyDocument: encodeURIComponent(policyText(...each)),
      })),
      ...(ann.boundary === undefined
        ? {}
        : { PermissionsBoundary: { PermissionsBoundaryArn: arn(`policy/${ann.boundary}`) } }),
    },
  ],
  RoleDetailList: [
    { RoleName: 'app', Arn: arn('role/app'), AttachedManagedPolicies: attach(['s3-all']) },
  ],
  GroupDetailList: [
    { GroupName: 'team', Arn: arn('group/team'), AttachedManagedPolicies: attach(['s3-read']) },
  ],
  Policies: Object.entries(POLICIES).map(([name, Document]) => ({
    Arn: arn(`policy/${name}`),
    DefaultVersionId: 'v2',
    PolicyVersionList: [
      { VersionId: 'v1', Document: JSON.parse(policyText(allow('*'))) },
      { VersionId: 'v2', Document },
    ],
  })),
});
const gained = (before: Ann, after: Ann): readonly string[] => {
  const found = gains(account(before), account(after));
  expect(found.filter((each) => each.principalArn !== arn('user/ann'))).toEqual([]);
  return found.map((each) => each.action);
};
const WIDE: Ann = { inline: [[allow('*')]] };

describe('brute force', () => {
  const found: readonly [string, Ann, Ann, string, string][] = [
    ['an attached policy', {}, { attached: ['s3-read'] }, 's3:getobject', 's3:putobject'],
    [
      'a policy in place of a narrower one',
      { attached: ['s3-read'] },
      { attached: ['s3-all'] },
      's3:putobject',
      's3:getobject',
    ],
    ['a joined group', {}, { groups: ['team'] }, 's3:getobject', 's3:putobject'],
    [
      'a widened resource',
      { inline: [[allow('s3:*', `${BUCKET}/*`)]] },
      { inline: [[allow('s3:*', `${BUCKET}*`)]] },
      's3:getobject',
      'ec2:runinstances',
    ],
    [
      'another resource',
      { inline: [[allow('s3:*', `${BUCKET}/a`)]] },
      { inline: [[allow('s3:*', [`${BUCKET}/a`, `${BUCKET}/b`])]] },
      's3:getobject',
      'ec2:runinstances',
    ],
    [
      'a resource that is not left out any more',
      { inline: [[allow('s3:*', null, { NotResource: [BUCKET, 'x'] })]] },
      { inline: [[allow('s3:*', null, { NotResource: BUCKET })]] },
      's3:getobject',
      'ec2:runinstances',
    ],
    [
      'a dropped condition',
      { inline: [[allow('s3:*', '*', MFA)]] },
      { inline: [[allow('s3:*')]] },
      's3:getobject',
      'ec2:runinstances',
    ],
    [
      'an action that is not left out any more',
      { inline: [[except('Allow', ['iam:*', 's3:*'])]] },
      { inline: [[except('Allow', 'iam:*')]] },
      's3:getobject',
      'iam:passrole',
    ],
    [
      'a removed boundary',
      { ...WIDE, boundary: 's3-read' },
      WIDE,
      'iam:passrole',
      'no-such:action',
    ],
    [
      'a widened boundary',
      { ...WIDE, boundary: 's3-read' },
      { ...WIDE, boundary: 's3-all' },
      's3:putobject',
      's3:getobject',
    ],
    [
      'a removed Deny',
      { attached: ['s3-all', 'no-put'] },
      { attached: ['s3-all'] },
      's3:putobject',
      's3:getobject',
    ],
    [
      'a removed Deny under a condition',
      { inline: [[allow('s3:*'), deny('s3:Put*', '*', MFA)]] },
      { inline: [[allow('s3:*')]] },
      's3:putobject',
      's3:getobject',
    ],
    [
      'a Deny on fewer resources',
      { attached: ['s3-all', 'no-put'] },
      { attached: ['s3-all'], inline: [[deny('s3:Put*', BUCKET)]] },
      's3:putobject',
      's3:getobject',
    ],
    ['a policy that cannot be read', {}, { attached: ['missing'] }, '*', 's3:getobject'],
  ];
  it.each(found)('finds %s', (_what, before, after, gain, unchanged) => {
    const actions = gained(before, after);

    expect(actions).toContain(gain);
    expect(actions).not.toContain(unchanged);
  });

  const none: readonly [string, Ann, Ann][] = [
    ['nothing that changes', { ...WIDE, boundary: 's3-read' }, { ...WIDE, boundary: 's3-read' }],
    ['a detached policy', { attached: ['s3-read', 's3-all'] }, { attached: ['s3-read'] }],
    ['a left group', { groups: ['team'] }, {}],
    ['a narrowed policy', { attached: ['s3-all'] }, { attached: ['s3-read'] }],
    [
      'a narrowed resource',
      { inline: [[allow('s3:*', `${BUCKET}/*`)]] },
      { inline: [[allow('s3:*', `${BUCKET}/a/*`)]] },
    ],
    ['a new condition', { inline: [[allow('s3:*')]] }, { inline: [[allow('s3:*', '*', MFA)]] }],
    ['a new Deny', { attached: ['s3-all'] }, { attached: ['s3-all', 'no-put'] }],
    ['a first boundary', WIDE, { ...WIDE, boundary: 's3-all' }],
    ['a narrowed boundary', { ...WIDE, boundary: 's3-all' }, { ...WIDE, boundary: 's3-read' }],
    ['a grant that the boundary cuts', { boundary: 'no-put' }, { ...WIDE, boundary: 'no-put' }],
    [
      'a policy that cannot be read and stays',
      { attached: ['missing'] },
      { attached: ['missing'] },
    ],
  ];
  it.each(none)('finds nothing in %s', (_what, before, after) => {
    expect(gained(before, after)).toEqual([]);
  });

  it('asks the whole list of actions', () => {
    const actions = new Set(everyAction());

    expect(actions.size).toBeGreaterThan(15_000);
    expect([...actions]).toEqual(expect.arrayContaining(['iam:passrole', 's3:getobject']));
  });

  (existsSync(SANDBOX) ? it : it.skip)('takes less than 20 s for the sandbox', () => {
    const gaad = JSON.parse(readFileSync(SANDBOX, 'utf8'));
    const startedAt = performance.now();

    const found = gains(gaad, gaad);

    const elapsedMs = performance.now() - startedAt;
    console.info(`sandbox: ${Math.round(elapsedMs)} ms`);
    expect(found).toEqual([]);
    expect(elapsedMs).toBeLessThan(TIME_MAX_MS);
  });
});
