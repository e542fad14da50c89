import { describeGuards, type Guarded } from './describe-guards.ts';
import { textOf } from './grants.ts';
import type { Guard } from './guards.ts';
import { resourcesOf, synthesize, type Template } from './synthesis.ts';

const { targetAccount } = synthesize();

interface Statement {
  Effect: string;
  Action?: string | string[];
  NotAction?: string[];
  Resource?: unknown;
  Principal?: Record<string, unknown>;
  Condition?: object;
}

const ofActionRole = (template: Template, type: string) =>
  resourcesOf(template, type).find(([id]) => id.startsWith('ActionRole'))?.[1].Properties ?? {};
const trustOf = (template: Template): Statement[] =>
  ofActionRole(template, 'AWS::IAM::Role')['AssumeRolePolicyDocument'].Statement;
const statementsOf = (template: Template): Statement[] =>
  ofActionRole(template, 'AWS::IAM::Policy')['PolicyDocument'].Statement;

/** The vault, which names its session and tags it, and nobody else. */
const onlyTheVaultIsTrusted: Guard = (template) => [
  ...(trustOf(template).length === 1 ? [] : ['it is not trusted by one statement']),
  ...trustOf(template).flatMap(({ Effect, Action, Principal: principal = {}, Condition }) => {
    const wanted = ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'];
    const [[kind, who] = []] = Object.entries(principal);
    const isVault = kind === 'AWS' && /:role\/interlock\/interlock-\w+-vault$/.test(textOf(who));
    return [
      ...(isVault && Object.keys(principal).length === 1 ? [] : ['others are trusted']),
      ...(`${Action}` === `${wanted}` ? [] : [`it may be asked for ${Action}`]),
      ...(Effect === 'Allow' && Condition === undefined ? [] : ['it is trusted sometimes']),
    ];
  }),
];

const KINDS = ['group', 'policy', 'role', 'user'];

/** Whatever it is allowed, nothing that is Interlock's. */
const interlockIsDenied: Guard = (template) => {
  const denials = statementsOf(template).filter((one) => one.Effect === 'Deny');
  const isReading = (action: string) => /^iam:(Get|List)\w+$/.test(action);
  const denied = denials
    .filter((one) => one.Condition === undefined && (one.NotAction ?? []).length > 0)
    .filter((one) => (one.NotAction ?? []).every(isReading))
    .flatMap((one) => [one.Resource].flat().map(textOf));
  return KINDS.filter((kind) => !denied.some((arn) => arn.endsWith(`:${kind}/interlock/*`))).map(
    (kind) => `it may change a ${kind} of Interlock`,
  );
};

/** Each role of Interlock is where the denial looks. */
const rolesAreWhereItIsDenied: Guard = (template) =>
  resourcesOf(template, 'AWS::IAM::Role').flatMap(([id, { Properties: own }]) =>
    own['Path'] === '/interlock/' ? [] : [`${id} is elsewhere`],
  );

const GUARDS: readonly Guarded[] = [
  [
    'the action role trusts the vault alone',
    onlyTheVaultIsTrusted,
    [
      [
        'the account is trusted',
        (template) => {
          const [statement] = trustOf(template);
          if (statement !== undefined) statement.Principal = { AWS: 'arn:aws:iam::1:root' };
        },
      ],
      [
        'a service is trusted too',
        (template) =>
          trustOf(template).push({
            ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
            Principal: { Service: 'lambda.amazonaws.com' },
          }),
      ],
      [
        'its sessions have no source',
        (template) => {
          const [statement] = trustOf(template);
          if (statement !== undefined) statement.Action = ['sts:AssumeRole', 'sts:TagSession'];
        },
      ],
    ],
  ],
  [
    'the action role is denied all of Interlock, itself included',
    interlockIsDenied,
    [
      [
        'the denial is gone',
        (template) => {
          const all = statementsOf(template);
          const allowed = all.filter(({ Effect }) => Effect === 'Allow');
          all.splice(0, all.length, ...allowed);
        },
      ],
      [
        'it holds sometimes',
        (template) => {
          for (const one of statementsOf(template).filter(({ Effect }) => Effect === 'Deny'))
            one.Condition = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
        },
      ],
      [
        'it leaves out what changes a role',
        (template) => {
          for (const one of statementsOf(template)) one.NotAction?.push('iam:PutRolePolicy');
        },
      ],
      [
        'it forgets roles',
        (template) => {
          for (const one of statementsOf(template).filter(({ Effect }) => Effect === 'Deny'))
            one.Resource = [one.Resource].flat().filter((arn) => !textOf(arn).includes(':role/'));
        },
      ],
    ],
  ],
  [
    'the action role is among the roles that it is denied',
    rolesAreWhereItIsDenied,
    [
      [
        'it has another path',
        (template) => {
          ofActionRole(template, 'AWS::IAM::Role')['Path'] = '/';
        },
      ],
    ],
  ],
];

describeGuards(targetAccount, GUARDS);
