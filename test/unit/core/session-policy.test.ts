import { describe, expect, it } from '@jest/globals';
import { IAM_ACTIONS } from '../../../actions/iam/actions.ts';
import { LOCATE_ACTIONS } from '../../../actions/iam/locate.ts';
import type { PermissionStatement, Target } from '../../../core/action.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import { SESSION_POLICY_CHARACTERS_MAX, sessionPolicyText } from '../../../core/session-policy.ts';
import { isAllowedBySession } from '../../../iam/session.ts';
import { NOW_MS, READ, ROLE_READ, withRole } from '../account/account-world.ts';

const NOT_AFTER_MS = Date.UTC(2026, 10, 25, 3, 4, 5);
const ROLE = 'arn:aws:iam::111122223333:role/app';
const statementOf = (change: Partial<PermissionStatement> = {}): PermissionStatement => ({
  actions: ['iam:GetRole'],
  resources: [ROLE],
  ...change,
});
const variable = (name: string): string => `\${${name}}`;
const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'none';
  } catch (error) {
    return (error as InvalidInputError).code;
  }
};

describe('the text of a session policy', () => {
  it('is refused with a code and a hint one character above the bound', () => {
    const spare = SESSION_POLICY_CHARACTERS_MAX - sessionPolicyText([statementOf()]).length;
    const sized = (extra: number): PermissionStatement =>
      statementOf({ resources: [ROLE + 'x'.repeat(extra)] });

    const fitting = sessionPolicyText([sized(spare)]);
    const refuse = () => sessionPolicyText([sized(spare + 1)]);

    expect(fitting).toHaveLength(SESSION_POLICY_CHARACTERS_MAX);
    expect(refuse).toThrow(InvalidInputError);
    expect(codeOf(refuse)).toBe('session-policy-too-large');
    expect(refuse).toThrow(expect.objectContaining({ hint: expect.any(String) }));
  });

  it('is refused where it would allow nothing or end at no moment', () => {
    const codes = [
      codeOf(() => sessionPolicyText([])),
      codeOf(() => sessionPolicyText([statementOf({ actions: [] })])),
      codeOf(() => sessionPolicyText([statementOf({ resources: [] })])),
      codeOf(() => sessionPolicyText([statementOf()], Number.NaN)),
    ];

    expect(codes).toEqual(['invariant', 'invariant', 'invariant', 'invariant']);
  });

  it('is the compact document that IAM knows', () => {
    const text = sessionPolicyText([statementOf()]);

    expect(text).toBe(
      `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetRole","Resource":"${ROLE}"}]}`,
    );
  });

  it('does not hang on the order of statements, actions, resources and conditions', () => {
    const condition = { StringEquals: { b: '1', a: '2' }, Bool: { c: 'true' } };
    const turned = { Bool: { c: 'true' }, StringEquals: { a: '2', b: '1' } };
    const one = statementOf({ actions: ['iam:A', 'iam:B'], resources: ['x', 'y'], condition });
    const same = statementOf({
      actions: ['iam:B', 'iam:A'],
      resources: ['y', 'x', 'x'],
      condition: turned,
    });

    const text = sessionPolicyText([one, statementOf()], NOT_AFTER_MS);
    const again = sessionPolicyText([statementOf(), same, same], NOT_AFTER_MS);

    expect(again).toBe(text);
  });

  it('carries the time bound in every statement, beside its own conditions', () => {
    const own = { ArnEquals: { 'iam:PolicyARN': READ } };

    const text = sessionPolicyText(
      [statementOf(), statementOf({ actions: ['iam:AttachRolePolicy'], condition: own })],
      NOT_AFTER_MS,
    );

    const bound = { DateLessThan: { 'aws:CurrentTime': '2026-11-25T03:04:05Z' } };
    const conditions = JSON.parse(text).Statement.map(
      (one: { Condition: unknown }) => one.Condition,
    );
    expect(conditions).toEqual([{ ...own, ...bound }, bound]);
  });

  it('keeps the earlier of two time bounds', () => {
    const endOf = (own: string): unknown => {
      const condition = { DateLessThan: { 'aws:CurrentTime': own } };
      const text = sessionPolicyText([statementOf({ condition })], NOT_AFTER_MS + 1);
      return JSON.parse(text).Statement[0].Condition.DateLessThan['aws:CurrentTime'];
    };

    const ends = [endOf('2026-01-01T00:00:00Z'), endOf('2027-01-01T00:00:00Z')];

    expect(ends).toEqual(['2026-01-01T00:00:00Z', '2026-11-25T03:04:05.001Z']);
  });

  const odd = `arn:aws:iam::111122223333:role/a*b?c${variable('aws:username')}/app`;
  const nearby: readonly [string, string, boolean][] = [
    ['the name itself', odd, true],
    ['what a star would match', odd.replace('*', 'zz'), false],
    ['what a question mark would match', odd.replace('?', 'z'), false],
    ['what a variable would match', odd.replace(variable('aws:username'), 'ann'), false],
  ];
  it.each(nearby)('takes odd characters of an ARN literally: %s', (_what, resource, allowed) => {
    const condition = {
      ArnEquals: { 'iam:PolicyARN': odd },
      StringEquals: { k: `a*${variable('b')}` },
    };
    const text = sessionPolicyText([statementOf({ resources: [odd], condition })]);
    const keys = { k: `a*${variable('b')}`, 'aws:username': 'ann' };
    const request = { action: 'iam:GetRole', resource: odd, context: keys };

    const asResource = isAllowedBySession(text, {
      ...request,
      resource,
      context: { ...keys, 'iam:PolicyARN': odd },
    });
    const asCondition = isAllowedBySession(text, {
      ...request,
      context: { ...keys, 'iam:PolicyARN': resource },
    });

    expect([asResource, asCondition]).toEqual([allowed, allowed]);
  });
});

describe('a session of the simulated account under such a text', () => {
  const statement = {
    actions: ['iam:AttachRolePolicy'],
    resources: [ROLE],
    condition: { ArnEquals: { 'iam:PolicyARN': READ } },
  };
  const rows: readonly [string, number, Partial<PermissionStatement>, string][] = [
    ['at the moment of its end', 10_001, {}, 'AccessDenied'],
    ['after its end', 60_000, {}, 'AccessDenied'],
    ['on another role', 0, { resources: [`${ROLE}s`] }, 'AccessDenied'],
    ['with an action less', 0, { actions: ['iam:DetachRolePolicy'] }, 'AccessDenied'],
    ['a millisecond before its end', 10_000, {}, 'done'],
  ];
  it.each(rows)('answers a call %s', async (_when, later, change, expected) => {
    const { account } = await withRole();
    const sessionPolicy = sessionPolicyText([{ ...statement, ...change }], NOW_MS + 10_001);
    const cloud = account.session({ sessionPolicy, now: () => NOW_MS + later });

    const code = await cloud.call({ operation: 'iam:AttachRolePolicy', input: ROLE_READ }).then(
      () => 'done',
      (error) => error.code,
    );

    expect(code).toBe(expected);
  });
});

describe('the longest legal names', () => {
  const ACCOUNT = '111122223333';
  const path = (characters: number): string => `/${'p'.repeat(characters - 2)}/`;
  const arnOf = (kind: string, name: string, partition: string): string =>
    `arn:${partition}:iam::${ACCOUNT}:${kind}${path(512)}${name}`;

  const phases = IAM_ACTIONS.flatMap((action) =>
    (['read', 'apply', 'compensate'] as const).flatMap((phase) =>
      ['aws', 'aws-iso-b'].map((partition) => ({ action, phase, partition })),
    ),
  );
  it.each(phases)('fit: $action.id $phase in $partition', ({ action, phase, partition }) => {
    const name = 'n'.repeat(64);
    const policy = arnOf('policy', 'q'.repeat(128), partition);
    const kind = action.id.includes('User') ? 'user' : 'role';
    const input = {
      [kind === 'user' ? 'UserName' : 'RoleName']: name,
      PolicyArn: policy,
      PermissionsBoundary: policy,
      PolicyName: 'q'.repeat(128),
      PolicyDocument: '{}',
    };
    const arn = arnOf(kind, name, partition);
    const target: Target = {
      accountId: ACCOUNT,
      arn,
      uniqueId: 'AROAAAAAAAAAAAAAAAAAA',
      attributes: {},
      affected: [],
    };

    const text = sessionPolicyText(action.permissions(target, input)[phase], NOT_AFTER_MS + 1);

    expect(text.length).toBeLessThanOrEqual(SESSION_POLICY_CHARACTERS_MAX);
    expect(text).toContain(arn);
  });

  it('are refused where every character has to be escaped', () => {
    const stars = `arn:aws:iam::${ACCOUNT}:role/${'*'.repeat(510)}/${'n'.repeat(64)}`;
    const policy = `arn:aws:iam::${ACCOUNT}:policy/${'${'.repeat(255)}/${'q'.repeat(128)}`;
    const condition = { ArnEquals: { 'iam:PolicyARN': policy } };

    const code = codeOf(() => sessionPolicyText([statementOf({ resources: [stars], condition })]));

    expect(code).toBe('session-policy-too-large');
  });

  it('leave room for the calls that locate', () => {
    const text = sessionPolicyText([{ actions: LOCATE_ACTIONS, resources: ['*'] }], NOT_AFTER_MS);

    expect(text.length).toBeLessThanOrEqual(SESSION_POLICY_CHARACTERS_MAX);
  });
});
