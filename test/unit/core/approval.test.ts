import { describe, expect, it } from '@jest/globals';
import { approvalsUnder, dryRunDigestOf, validGiven } from '../../../core/approval.ts';
import { digestOf } from '../../../core/hash.ts';
import type { Approval, PreparedStep } from '../../../core/transaction.ts';

const POLICIES = digestOf('policies');
const WAITING: Approval = {
  planDigest: digestOf('plan'),
  dryRunDigest: digestOf('dry run'),
  policySetDigest: POLICIES,
  needed: 2,
  given: [
    { by: 'operator:alice', at: 1, expiresAt: 10 },
    { by: 'operator:bob', at: 2, expiresAt: 20 },
  ],
};
const GRANTED: Approval = { ...WAITING, grantedAt: 2 };

describe('approvals', () => {
  it('do not count before the last one is given', () => {
    expect(approvalsUnder({ approval: WAITING }, POLICIES)).toBe(0);
    expect(approvalsUnder({}, POLICIES)).toBe(0);
  });

  it('do not count under other policies than those that asked', () => {
    expect(approvalsUnder({ approval: GRANTED }, digestOf('others'))).toBe(0);
  });

  it('count together once the last one is given', () => {
    expect(approvalsUnder({ approval: GRANTED }, POLICIES)).toBe(2);
  });

  it.each([
    [9, ['operator:alice', 'operator:bob']],
    [10, ['operator:bob']],
    [20, []],
  ])('are valid at %d by %j', (now, valid) => {
    expect(validGiven(WAITING, now).map((one) => one.by)).toEqual(valid);
  });
});

describe('the digest of a dry run', () => {
  const target = {
    accountId: '111122223333',
    arn: 'arn:aws:iam::111122223333:role/app',
    uniqueId: 'AROAEXAMPLE',
    attributes: {},
    affected: [],
  };
  const step: PreparedStep = {
    resources: [target.arn],
    footprint: 'role app',
    before: true,
    beforeDigest: digestOf(true),
    predicted: false,
    predictedDigest: digestOf(false),
    facts: { widens: false, affectedPrincipals: 1, removedCount: 1 },
  };
  const digest = dryRunDigestOf({ targets: [target], prepared: [step] });

  it.each<[string, { readonly target?: object; readonly step?: object }]>([
    ['another entity of the same name', { target: { uniqueId: 'AROAOTHER' } }],
    ['other attributes', { target: { attributes: { attached: ['x'] } } }],
    ['other resources', { step: { resources: ['arn:aws:iam::111122223333:role/b'] } }],
    ['another footprint', { step: { footprint: 'role b' } }],
    ['another state', { step: { beforeDigest: digestOf(false) } }],
    ['another prediction', { step: { predictedDigest: digestOf(true) } }],
    ['other facts', { step: { facts: { ...step.facts, widens: true } } }],
  ])('is another for %s', (_, changed) => {
    const targets = [{ ...target, ...changed.target }];
    const prepared = [{ ...step, ...changed.step }];

    expect(dryRunDigestOf({ targets, prepared })).not.toBe(digest);
  });

  it('is the same for the same, whatever order the fields have', () => {
    const targets = [Object.fromEntries(Object.entries(target).reverse()) as typeof target];

    expect(dryRunDigestOf({ targets, prepared: [{ ...step }] })).toBe(digest);
  });
});
