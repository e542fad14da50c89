import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { allActions } from '../../../actions/registry.ts';
import { actionPermissions } from '../../../tools/action-permissions.ts';
import { grantsOf, textOf } from './grants.ts';
import { resourcesOf, synthesize, type Template } from './synthesis.ts';

const { targetAccount, controlPlane } = synthesize();
const roleIn = (template: Template, prefix = 'ActionRole') =>
  resourcesOf(template, 'AWS::IAM::Role').find(([id]) => id.startsWith(prefix))?.[1].Properties ??
  {};
const policyIn = (template: Template) =>
  resourcesOf(template, 'AWS::IAM::Policy').find(([id]) => id.startsWith('ActionRole'))?.[1]
    .Properties['PolicyDocument'].Statement;
const grantsIn = (template: Template, prefix: string) =>
  grantsOf(template).filter(({ role }) => role.startsWith(prefix));

describe('the action role of a target account', () => {
  it('trusts the vault of the control plane alone, to name its session too', () => {
    const { Statement: trust } = roleIn(targetAccount)['AssumeRolePolicyDocument'];

    expect(trust).toHaveLength(1);
    expect(trust[0].Action).toEqual(['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession']);
    expect(textOf(trust[0].Principal.AWS)).toMatch(/:role\/interlock\/interlock-prod-vault$/);
  });

  it('trusts the vault of another account when the control plane is there', () => {
    const template = synthesize({ controlPlaneAccount: '111111111111' }).targetAccount;
    const { Statement: trust } = roleIn(template)['AssumeRolePolicyDocument'];

    expect(textOf(trust[0].Principal.AWS)).toContain('::111111111111:');
  });

  it('has the name that the vault assumes', () => {
    const { Path: path, RoleName: name } = roleIn(targetAccount);
    const assumed = grantsIn(controlPlane, 'Vault').find((one) =>
      one.actions.includes('sts:AssumeRole'),
    );

    expect(assumed?.resources).toEqual([expect.stringMatching(new RegExp(`:role${path}${name}$`))]);
  });

  it('may do what the actions need, and nothing else', () => {
    const allowed = grantsIn(targetAccount, 'ActionRole').flatMap((one) =>
      one.resources.flatMap((resource) =>
        one.actions.map((action) => `${action} ${resource.replace(/^.*:/, '')}`),
      ),
    );
    const { locate, steps } = actionPermissions(allActions);
    const needed = [
      ...locate.map((action) => `${action} *`),
      ...steps.flatMap(({ actions, resource }) => actions.map((action) => `${action} ${resource}`)),
    ];

    expect(allowed.sort()).toEqual(needed.sort());
  });

  it('may change nothing of Interlock, itself included', () => {
    const denial = policyIn(targetAccount).find((one: { Effect: string }) => one.Effect === 'Deny');
    const { locate } = actionPermissions(allActions);

    expect(denial.Condition).toBeUndefined();
    // What the denial leaves out only reads.
    expect(denial.NotAction).toEqual(locate);
    expect(locate.filter((action) => !/^iam:(Get|List)/.test(action))).toEqual([]);
    expect(denial.Resource.map(textOf).map((arn: string) => arn.replace(/^.*:/, ''))).toEqual([
      'group/interlock/*',
      'policy/interlock/*',
      'role/interlock/*',
      'user/interlock/*',
    ]);
    for (const template of [targetAccount, controlPlane])
      for (const [, { Properties: own }] of resourcesOf(template, 'AWS::IAM::Role'))
        expect(own['Path']).toBe('/interlock/');
  });
});

describe('the audit role of a target account', () => {
  it('reads the account for the enumerating function alone, and does nothing else', () => {
    const { Statement: trust } = roleIn(targetAccount, 'AuditRole')['AssumeRolePolicyDocument'];

    expect(trust).toHaveLength(1);
    expect(trust[0].Action).toBe('sts:AssumeRole');
    expect(textOf(trust[0].Principal.AWS)).toMatch(/:role\/interlock\/interlock-prod-enumerate$/);
    expect(grantsIn(targetAccount, 'AuditRole')).toEqual([
      expect.objectContaining({
        effect: 'Allow',
        actions: ['iam:GetAccountAuthorizationDetails'],
        resources: ['*'],
      }),
    ]);
  });
});

describe('actions/permissions.json', () => {
  it('is what the registry of actions says', () => {
    const file = JSON.parse(readFileSync('actions/permissions.json', 'utf8'));

    expect(file).toEqual(actionPermissions(allActions));
  });

  it('is seen to be out of date when an action goes', () => {
    const fewer = allActions.filter((action) => !action.id.includes('User'));

    expect(actionPermissions(fewer)).not.toEqual(actionPermissions(allActions));
  });
});
