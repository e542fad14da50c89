import { openAccount, type SimulatedAccount } from '../../../adapters/embedded/account/account.ts';
import { laggingCloud } from '../../../adapters/embedded/account/lagging-cloud.ts';
import type { Action, PermissionStatement, Target } from '../../../core/action.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { Cloud } from '../../../core/ports/cloud.ts';
import { sessionPolicyText } from '../../../core/session-policy.ts';

export const ACCOUNT_ID = '111122223333';
export const CONTEXT = { partition: 'aws', accountId: ACCOUNT_ID };
export const NOW_MS = Date.UTC(2026, 0, 1);
export const POLICY_NAMES = ['alpha', 'beta', 'gamma'];
export const INLINE_NAMES = ['one', 'two'];

export const policyArnOf = (name: string): string => `arn:aws:iam::${ACCOUNT_ID}:policy/p/${name}`;

export const documentOf = (action: string, effect = 'Allow'): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: effect, Action: action, Resource: '*' }],
  });

/** What the account looks like before a case: edges of the one role and user under test. */
export interface World {
  readonly attached: readonly string[];
  readonly inline: readonly string[];
  readonly boundary?: string | undefined;
}

const principalOf = (world: World, extra: JsonObject, inlineField: string): JsonObject => ({
  Path: '/team/',
  CreateDate: '2026-01-01T00:00:00Z',
  Tags: [{ Key: 'team', Value: 'core' }],
  AttachedManagedPolicies: world.attached.map((name) => ({
    PolicyName: name,
    PolicyArn: policyArnOf(name),
  })),
  [inlineField]: world.inline.map((name) => ({
    PolicyName: name,
    PolicyDocument: JSON.parse(documentOf(`s3:Get${name}`)),
  })),
  ...extra,
});

export const openWorld = (world: World): SimulatedAccount =>
  loadWorld(openAccount(':memory:', { now: () => NOW_MS }), world);

/** A world on virtual time whose reads may lag behind. */
export const laggingWorld = (world: World) => {
  let now = NOW_MS;
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
  const account = openAccount(':memory:', { now: clock.now, keepsHistory: true });
  loadWorld(account, world);
  const lagging = (statements: readonly PermissionStatement[], lagMs: number): Cloud => {
    const session = { sessionPolicy: sessionPolicyText(statements), now: clock.now };
    return laggingCloud(account.session(session), {
      lagMs: () => lagMs,
      clock: clock.now,
      snapshotReads: (at) => account.session({ ...session, asOf: () => at }),
    });
  };
  const under = (statements: readonly PermissionStatement[]): Cloud =>
    account.session({ sessionPolicy: sessionPolicyText(statements), now: clock.now });
  return { account, clock, lagging, under };
};

const loadWorld = (account: SimulatedAccount, world: World): SimulatedAccount => {
  const boundary =
    world.boundary === undefined
      ? {}
      : {
          PermissionsBoundary: {
            PermissionsBoundaryType: 'Policy',
            PermissionsBoundaryArn: policyArnOf(world.boundary),
          },
        };
  const arn = (kind: string, name: string): string =>
    `arn:aws:iam::${ACCOUNT_ID}:${kind}/team/${name}`;
  account.load({
    UserDetailList: [
      principalOf(
        world,
        {
          UserName: 'ann',
          UserId: 'AIDAAAAAAAAAAAAAAAAAA',
          Arn: arn('user', 'ann'),
          GroupList: ['staff'],
        },
        'UserPolicyList',
      ),
    ],
    GroupDetailList: [
      {
        Path: '/',
        GroupName: 'staff',
        GroupId: 'AGPAAAAAAAAAAAAAAAAAA',
        Arn: `arn:aws:iam::${ACCOUNT_ID}:group/staff`,
        AttachedManagedPolicies: [],
        GroupPolicyList: [],
      },
    ],
    RoleDetailList: [
      principalOf(
        world,
        {
          RoleName: 'app',
          RoleId: 'AROAAAAAAAAAAAAAAAAAA',
          Arn: arn('role', 'app'),
          AssumeRolePolicyDocument: {},
          ...boundary,
        },
        'RolePolicyList',
      ),
    ],
    Policies: POLICY_NAMES.map((name) => ({
      PolicyName: name,
      PolicyId: `ANPA${name}`,
      Arn: policyArnOf(name),
      Path: '/p/',
      DefaultVersionId: 'v1',
      AttachmentCount: world.attached.includes(name) ? 2 : 0,
      IsAttachable: true,
      PolicyVersionList: [
        {
          VersionId: 'v1',
          IsDefaultVersion: true,
          Document: JSON.parse(documentOf(`ec2:Get${name}`)),
        },
      ],
    })),
  });
  return account;
};

export const sessionOf = (
  account: SimulatedAccount,
  statements: readonly PermissionStatement[],
): Cloud => account.session({ sessionPolicy: sessionPolicyText(statements), now: () => NOW_MS });

/** A parsed input of an action that is about the world's role or user. */
export const inputFor = (
  action: Action,
  choice: { readonly policy: string; readonly inline: string; readonly document: string },
): JsonObject => {
  const isUser = action.id.includes('User');
  const operation = action.id.slice('iam:'.length);
  return {
    ...(isUser ? { UserName: 'ann' } : { RoleName: 'app' }),
    ...(/^(Attach|Detach)/.test(operation) ? { PolicyArn: policyArnOf(choice.policy) } : {}),
    ...(/^(Put|Delete)(Role|User)Policy$/.test(operation) ? { PolicyName: choice.inline } : {}),
    ...(/^Put(Role|User)Policy$/.test(operation) ? { PolicyDocument: choice.document } : {}),
    ...(operation === 'PutRolePermissionsBoundary'
      ? { PermissionsBoundary: policyArnOf(choice.policy) }
      : {}),
  };
};

export interface Prepared {
  readonly target: Target;
  readonly before: Json;
}

export const prepare = async (
  action: Action,
  input: JsonObject,
  cloud: Cloud,
): Promise<Prepared> => {
  const target = await action.locate(input, CONTEXT, cloud);
  return { target, before: await action.read(target, input, cloud) };
};
