import type { IAMClient } from '@aws-sdk/client-iam';
import { describe, expect, it } from '@jest/globals';
import { registry } from '../../../actions/registry.ts';
import { iamCloud } from '../../../adapters/aws/cloud.ts';
import type { Action, Target } from '../../../core/action.ts';
import type { Cloud } from '../../../core/ports/cloud.ts';
import {
  ACCOUNT_ID,
  policyArnOf,
  ROLE_NAME,
  roleArnOf,
  TRUST,
} from '../../integration/support/small-account.ts';

const COUNT = 130;
const PAGE_ITEMS = 3;
const ROLE = {
  RoleName: ROLE_NAME,
  RoleId: 'AROAAAAAAAAAAAAAAAAAA',
  Arn: roleArnOf(ROLE_NAME),
  Path: '/team/',
  AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(TRUST)),
};
const attached = Array.from({ length: COUNT }, (_, index) => ({
  PolicyName: `p${index}`,
  PolicyArn: policyArnOf(`p${index}`),
}));
const document = encodeURIComponent(
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
  }),
);

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Readonly<Record<string, string>>;
}

/** IAM with one role that has many attachments and inline policies, in small pages. */
function pagingCloud(withMarker = true): { readonly cloud: Cloud; readonly calls: string[] } {
  const calls: string[] = [];
  const page = (field: string, items: readonly unknown[], { Marker = '0' }: Command['input']) => {
    const end = Number(Marker) + PAGE_ITEMS;
    const isTruncated = end < items.length;
    return {
      [field]: items.slice(Number(Marker), end),
      IsTruncated: isTruncated,
      Marker: isTruncated && withMarker ? String(end) : undefined,
    };
  };
  const answers: Readonly<Record<string, (input: Command['input']) => object>> = {
    GetRoleCommand: () => ({ Role: ROLE }),
    ListAttachedRolePoliciesCommand: (input) => page('AttachedPolicies', attached, input),
    ListRolePoliciesCommand: (input) =>
      page(
        'PolicyNames',
        attached.map((one) => one.PolicyName),
        input,
      ),
    GetRolePolicyCommand: () => ({ PolicyDocument: document }),
    GetPolicyCommand: ({ PolicyArn }) => ({ Policy: { Arn: PolicyArn, DefaultVersionId: 'v1' } }),
    GetPolicyVersionCommand: () => ({ PolicyVersion: { Document: document } }),
  };
  const client = {
    config: { maxAttempts: async () => 1 },
    async send(command: Command) {
      const { name } = command.constructor;
      calls.push(name);
      return answers[name]?.(command.input) ?? Promise.reject(new Error(name));
    },
  };
  return { cloud: iamCloud(client as unknown as IAMClient), calls };
}

const detach = registry.byId('iam:DetachRolePolicy') as Action;
const inputOf = (name: string) => ({ RoleName: ROLE_NAME, PolicyArn: policyArnOf(name) });
const located = async (cloud: Cloud): Promise<Target> =>
  detach.locate(inputOf('p0'), { partition: 'aws', accountId: ACCOUNT_ID }, cloud);

describe('lists of IAM that come in pages', () => {
  it('are read to their end: what is on the last page is attached', async () => {
    const { cloud, calls } = pagingCloud();
    const target = await located(cloud);
    calls.length = 0;

    const last = await detach.read(target, inputOf(`p${COUNT - 1}`), cloud);
    const pages = calls.filter((one) => one === 'ListAttachedRolePoliciesCommand').length;
    const absent = await detach.read(target, inputOf(`p${COUNT}`), cloud);

    expect(last).toEqual(await detach.read(target, inputOf('p0'), cloud));
    expect(absent).not.toEqual(last);
    expect(pages).toBe(Math.ceil(COUNT / PAGE_ITEMS));
  });

  it('are located whole', async () => {
    const { attributes } = await located(pagingCloud().cloud);

    expect(attributes['attached']).toHaveLength(COUNT);
    expect(Object.keys(attributes['inline'] as object)).toHaveLength(COUNT);
  });

  it('are not taken for whole when the next page cannot be asked for', async () => {
    const { cloud } = pagingCloud();
    const target = await located(cloud);

    await expect(located(pagingCloud(false).cloud)).rejects.toThrow('must end');
    await expect(
      detach.read(target, inputOf('p0'), pagingCloud(false).cloud),
    ).rejects.toMatchObject({ name: 'InvariantError' });
  });
});
