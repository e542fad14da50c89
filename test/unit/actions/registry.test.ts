import { describe, expect, it } from '@jest/globals';
import { IAM_ACTIONS } from '../../../actions/iam/actions.ts';
import { locatePrincipal } from '../../../actions/iam/locate.ts';
import { ROLE } from '../../../actions/iam/principal-kind.ts';
import {
  actionById,
  allActions,
  createRegistry,
  suggestActions,
} from '../../../actions/registry.ts';
import type { Action } from '../../../core/action.ts';
import type { JsonObject } from '../../../core/json.ts';
import { CONTEXT, documentOf, openWorld, policyArnOf, prepare } from './iam-world.ts';

const known = (id: string): Action => {
  const action = actionById(id);
  if (action === undefined) throw new Error(`no action ${id}`);
  return action;
};

describe('the registry', () => {
  it('is closed and holds the ten IAM actions', () => {
    expect(allActions).toHaveLength(10);
    expect(actionById('iam:CreateUser')).toBeUndefined();
    expect(actionById('__proto__')).toBeUndefined();
  });

  it('suggests near names', () => {
    expect(suggestActions('iam:DetachRolePolcy')[0]).toBe('iam:DetachRolePolicy');
    expect(suggestActions('iam:attachrolepolicy')[0]).toBe('iam:AttachRolePolicy');
    expect(suggestActions('ec2:TerminateInstances')).toEqual([]);
  });

  it.each([
    'id',
    'title',
    'description',
    'input',
    'locate',
    'resources',
    'permissions',
    'footprint',
    'read',
    'predict',
    'apply',
    'compensate',
    'restorable',
    'facts',
    'inverse',
  ])('refuses an action without %s', (part) => {
    const { [part as keyof Action]: _missing, ...rest } = IAM_ACTIONS[0] as Action;

    expect(() => createRegistry([rest as Action])).toThrow(part);
  });

  it('refuses an id that comes twice', () => {
    const [first] = IAM_ACTIONS as [Action];

    expect(() => createRegistry([first, first])).toThrow('twice');
  });
});

describe('the actions', () => {
  it('call a recreated target drift', async () => {
    const account = openWorld({ attached: [], inline: [] });
    const cloud = account.admin();
    const action = known('iam:PutRolePolicy');
    const input = { RoleName: 'app', PolicyName: 'one', PolicyDocument: documentOf('s3:*') };
    const { target } = await prepare(action, input, cloud);
    const trust = documentOf('sts:AssumeRole').replace('"Resource":"*"', '"Principal":{"AWS":"*"}');
    await cloud.call({ operation: 'iam:DeleteRole', input: { RoleName: 'app' } });
    await cloud.call({
      operation: 'iam:CreateRole',
      input: { RoleName: 'app', Path: '/team/', AssumeRolePolicyDocument: trust },
    });

    await expect(action.read(target, input, cloud)).rejects.toMatchObject({
      code: 'target-recreated',
    });
  });

  it('refuse a malformed and a too large document', () => {
    const action = known('iam:PutUserPolicy');
    const predict = (PolicyDocument: string) => () =>
      action.predict({ UserName: 'ann', PolicyName: 'one', PolicyDocument }, { uniqueId: 'x' });
    const codes = ['{', documentOf('nothing'), documentOf(`s3:${'G'.repeat(2048)}`)].map((text) => {
      try {
        return predict(text)();
      } catch (error) {
        return (error as { code: string }).code;
      }
    });

    expect(codes).toEqual(['malformed-policy', 'malformed-policy', 'policy-too-large']);
  });

  it('refuse a target of another account', async () => {
    const account = openWorld({ attached: [], inline: [] });
    const request = {
      input: { RoleName: 'app' },
      policyArn: undefined,
      context: { ...CONTEXT, accountId: '999999999999' },
    };

    await expect(locatePrincipal(ROLE, request, account.admin())).rejects.toMatchObject({
      code: 'wrong-account',
    });
  });
});

describe('facts', () => {
  const empty = { states: new Map() };
  const facts = async (
    id: string,
    input: JsonObject,
    start: { attached: string[]; inline: string[]; boundary?: string },
  ) => {
    const account = openWorld(start);
    const action = known(id);
    const { target, before } = await prepare(action, input, account.admin());
    return action.facts(target, input, before, action.predict(input, before), empty);
  };

  it('say that detaching does not widen and takes one grant away', async () => {
    const input = { RoleName: 'app', PolicyArn: policyArnOf('alpha') };

    expect(
      await facts('iam:DetachRolePolicy', input, { attached: ['alpha', 'beta'], inline: [] }),
    ).toEqual({
      widens: false,
      affectedPrincipals: 1,
      removedCount: 1,
    });
  });

  it('say that attaching a new grant and dropping a boundary widen', async () => {
    const attach = { RoleName: 'app', PolicyArn: policyArnOf('alpha') };
    const start = { attached: ['beta'], inline: [], boundary: 'gamma' };

    expect(
      (await facts('iam:AttachRolePolicy', attach, { attached: ['beta'], inline: [] })).widens,
    ).toBe(true);
    expect(
      (await facts('iam:DeleteRolePermissionsBoundary', { RoleName: 'app' }, start)).widens,
    ).toBe(true);
  });

  it('say that a first boundary narrows', async () => {
    const input = { RoleName: 'app', PermissionsBoundary: policyArnOf('gamma') };

    expect(
      (await facts('iam:PutRolePermissionsBoundary', input, { attached: ['beta'], inline: [] }))
        .widens,
    ).toBe(false);
  });

  it('say that detaching widens when the document denied something', async () => {
    const account = openWorld({ attached: ['beta'], inline: [] });
    const cloud = account.admin();
    await cloud.call({
      operation: 'iam:PutRolePolicy',
      input: {
        RoleName: 'app',
        PolicyName: 'no',
        PolicyDocument: documentOf('ec2:Getbeta', 'Deny'),
      },
    });
    const action = known('iam:DeleteRolePolicy');
    const input = { RoleName: 'app', PolicyName: 'no' };
    const { target, before } = await prepare(action, input, cloud);

    expect(action.facts(target, input, before, action.predict(input, before), empty).widens).toBe(
      true,
    );
  });
});
