import { describe, expect, it } from '@jest/globals';
import { textOf } from './grants.ts';
import { idOf, tablesOutliveMistakes } from './guards.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

const { controlPlane } = synthesize();

describe('the functions', () => {
  it.each([
    ['arm64', {}],
    ['x86_64', { architecture: 'x86_64' }],
  ])('run Node.js 24 on %s', (architecture, context) => {
    const functions = resourcesOf(synthesize(context).controlPlane, 'AWS::Lambda::Function');

    expect(functions.length).toBeGreaterThan(0);
    for (const [, { Properties: own }] of functions) {
      expect(own['Runtime']).toBe('nodejs24.x');
      expect(own['Architectures']).toEqual([architecture]);
      expect(own['Environment'].Variables.NODE_OPTIONS).toBe('--enable-source-maps');
    }
  });

  it('have a role each, but for those that are one agent', () => {
    const functions = resourcesOf(controlPlane, 'AWS::Lambda::Function');
    const byRole = Map.groupBy(functions, ([, { Properties: own }]) => textOf(own['Role']));
    const shared = [...byRole.values()].filter((group) => group.length > 1);

    const entries = shared.map((group) => group.map(([, one]) => one.Properties['Description']));
    expect(entries).toEqual([['Interlock: propose', 'Interlock: apply', 'Interlock: rollback']]);
  });
});

describe('the settings', () => {
  it.each([
    ['a stage that is no name', { stage: 'Prod!' }],
    ['an account that is none', { targetAccounts: ['12'] }],
    ['an unknown architecture', { architecture: 'mips' }],
  ])('refuse %s', (_what, context) => {
    expect(() => synthesize(context)).toThrow();
  });

  it('lets only tests turn the protection of data off', () => {
    const { controlPlane: unprotected } = synthesize({ deletionProtection: 'false' });

    expect(tablesOutliveMistakes(unprotected)).toHaveLength(5);
  });

  it('names the roles of the accounts to govern, and no other', () => {
    const accounts = ['111111111111', '222222222222'];
    const template = synthesize({ targetAccounts: JSON.stringify(accounts) }).controlPlane;
    const policy = template.Resources[idOf(template, 'AWS::IAM::Policy', 'VaultVendCredentials')];
    const assumed = policy?.Properties['PolicyDocument'].Statement.find(
      (one: { Action: unknown }) => JSON.stringify(one.Action).includes('sts:AssumeRole'),
    ).Resource;

    expect(JSON.stringify(assumed).match(/\d{12}/g)).toEqual(accounts);
  });
});
