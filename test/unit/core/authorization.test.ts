import { describe, expect, it } from '@jest/globals';
import {
  CONTROL_PLANE,
  killSwitchRequest,
  PHASE_PREFIX,
  proposeRequest,
  type StepPhase,
  type StepQuestion,
  stepRequest,
  transactionRequest,
} from '../../../core/authorization.ts';
import { digestOf } from '../../../core/hash.ts';

const ACCOUNT = '111122223333';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app/team/reader`;
const DATA = {
  protection: {
    paths: ['/break-glass/'],
    tags: [{ key: 'interlock:protected', values: ['true'] }],
    arnPatterns: ['arn:*:iam::*:user/root-*'],
  },
  blastRadius: { affectedPrincipalsMax: 1, stepsMax: 2, resourcesMax: 3 },
};
const SELF = { arn: ROLE, path: '/app/team/', tags: { team: 'app' } };

function question(change: Partial<StepQuestion> = {}): StepQuestion {
  return {
    phase: 'apply',
    agent: 'iam-auditor',
    action: 'iam:DetachRolePolicy',
    resource: ROLE,
    target: { accountId: ACCOUNT, arn: ROLE, uniqueId: 'AROA1', attributes: {}, affected: [SELF] },
    facts: { widens: true, affectedPrincipals: 4, removedCount: 5 },
    plan: { steps: 6, resources: 7 },
    approvals: 8,
    data: DATA,
    ...change,
  };
}

function ofResource(arn: string) {
  const made = stepRequest(question({ resource: arn }));
  return { ref: made.resource, entity: made.entities.find(({ uid }) => uid.id === arn) };
}

describe('the request for a step', () => {
  const PHASES: readonly (readonly [StepPhase, string, string])[] = [
    ['apply', 'iam:DetachRolePolicy', 'Agent'],
    ['verify', 'verify:iam:DetachRolePolicy', 'Agent'],
    ['compensate', 'compensate:iam:DetachRolePolicy', 'ControlPlane'],
    ['undo', 'undo:iam:DetachRolePolicy', 'Agent'],
    ['verify-undo', 'verify:undo:iam:DetachRolePolicy', 'Agent'],
  ];

  it.each(PHASES)('in phase %s asks for %s by a principal of type %s', (phase, action, type) => {
    const made = stepRequest(question({ phase }));

    expect(made.action).toBe(action);
    expect(made.principal).toEqual(
      type === 'Agent' ? { type: 'Agent', id: 'iam-auditor' } : CONTROL_PLANE,
    );
  });

  it('has another action in every phase', () => {
    expect(PHASES.map(([phase]) => phase).sort()).toEqual(Object.keys(PHASE_PREFIX).sort());
    expect(new Set(Object.values(PHASE_PREFIX)).size).toBe(PHASES.length);
  });

  it('carries facts, approvals, plan and blast radius, and nothing else', () => {
    const made = stepRequest(question());

    expect(made.context).toEqual({
      widens: true,
      affectedPrincipals: 4,
      protectedAffected: 0,
      removedCount: 5,
      approvals: 8,
      planSteps: 6,
      planResources: 7,
      blastRadius: { affectedPrincipalsMax: 1, stepsMax: 2, resourcesMax: 3 },
    });
  });

  it('counts a protected principal reached through a shared policy or group', () => {
    const affected = [
      SELF,
      { arn: `arn:aws:iam::${ACCOUNT}:user/emergency`, path: '/break-glass/', tags: {} },
      { arn: `arn:aws:iam::${ACCOUNT}:user/root-anna`, path: '/', tags: {} },
      { ...SELF, arn: `${ROLE}2`, tags: { 'interlock:protected': 'true' } },
      { ...SELF, arn: `${ROLE}3`, tags: { 'interlock:protected': 'false' } },
    ];
    const target = { ...question().target, affected };

    const made = stepRequest(question({ target }));

    expect(made.context['protectedAffected']).toBe(3);
  });

  it('takes the count of affected principals from the facts, not from the list', () => {
    const target = { ...question().target, affected: [] };

    const made = stepRequest(question({ target }));

    expect(made.context['affectedPrincipals']).toBe(4);
  });
});

describe('the resource of a step', () => {
  it.each([
    [`arn:aws:iam::${ACCOUNT}:role/reader`, 'IamRole', '/'],
    [ROLE, 'IamRole', '/app/team/'],
    [`arn:aws:iam::${ACCOUNT}:user/people/anna`, 'IamUser', '/people/'],
    [`arn:aws-cn:iam::${ACCOUNT}:group/admins`, 'IamGroup', '/'],
    ['arn:aws:iam::aws:policy/job-function/Billing', 'IamPolicy', '/job-function/'],
    [`arn:aws-us-gov:iam::${ACCOUNT}:policy/a/b:c/d`, 'IamPolicy', '/a/b:c/'],
  ])('of %s is an %s with path %s', (arn, type, path) => {
    const { ref, entity } = ofResource(arn);

    expect(ref).toEqual({ type, id: arn });
    expect(entity).toMatchObject({ uid: ref, attrs: { arn, path } });
  });

  it.each([
    `arn:aws:iam::${ACCOUNT}:root`,
    `arn:aws:iam::${ACCOUNT}:constructor/x`,
    `arn:aws:iam::${ACCOUNT}:__proto__/x`,
    'not an arn',
    '',
  ])('of kind unknown is no IAM entity: %s', (arn) => {
    const { ref } = ofResource(arn);

    expect(ref).toEqual({ type: 'Account', id: arn });
  });

  it('has the account as parent and its own tags', () => {
    const { entity } = ofResource(ROLE);

    expect(entity).toMatchObject({
      parents: [{ type: 'Account', id: ACCOUNT }],
      tags: { team: 'app' },
    });
    expect(stepRequest(question()).entities.map(({ uid }) => uid.type)).toEqual([
      'Account',
      'IamRole',
    ]);
  });

  it('has no tags of another principal', () => {
    const { entity } = ofResource(`arn:aws:iam::${ACCOUNT}:policy/shared`);

    expect(entity?.tags).toEqual({});
  });
});

describe('equal questions', () => {
  // The members of every object in turned order: equal as values, not as text.
  function turned<T>(value: T): T {
    if (Array.isArray(value)) return value.map(turned) as T;
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, member]) => [key, turned(member)]);
    return Object.fromEntries(entries.reverse()) as T;
  }

  it.each(Object.keys(PHASE_PREFIX) as StepPhase[])('are one request in phase %s', (phase) => {
    const asked = question({ phase });

    const [first, second] = [stepRequest(asked), stepRequest(turned(structuredClone(asked)))];

    expect(second).toEqual(first);
    expect(digestOf(second)).toBe(digestOf(first));
  });

  it.each<[string, Partial<StepQuestion>]>([
    ['phase', { phase: 'verify' }],
    ['agent', { agent: 'other' }],
    ['action', { action: 'iam:AttachRolePolicy' }],
    ['resource', { resource: `${ROLE}2` }],
    ['facts', { facts: { widens: false, affectedPrincipals: 4, removedCount: 5 } }],
    ['plan', { plan: { steps: 6, resources: 8 } }],
    ['approvals', { approvals: 9 }],
    ['data', { data: { ...DATA, blastRadius: { ...DATA.blastRadius, stepsMax: 1 } } }],
  ])('they are not where the %s differs', (_part, change) => {
    expect(digestOf(stepRequest(question(change)))).not.toBe(digestOf(stepRequest(question())));
  });
});

describe('the request', () => {
  it('to propose knows the account and the size of the plan', () => {
    const made = proposeRequest({ agent: 'a1', accountId: ACCOUNT, steps: 3, data: DATA });

    expect(made).toEqual({
      principal: { type: 'Agent', id: 'a1' },
      action: 'transaction:Propose',
      resource: { type: 'Account', id: ACCOUNT },
      context: { planSteps: 3, blastRadius: DATA.blastRadius },
      entities: [{ uid: { type: 'Account', id: ACCOUNT }, attrs: {}, parents: [] }],
    });
  });

  it('to move the kill switch names operator and scope', () => {
    const made = killSwitchRequest({
      operator: 'alice',
      action: 'kill-switch:Release',
      scope: 'agent:a1',
    });

    expect(made).toMatchObject({
      principal: { type: 'Operator', id: 'alice' },
      action: 'kill-switch:Release',
      resource: { type: 'KillSwitch', id: 'agent:a1' },
    });
  });

  it('to end a transaction tells who proposed it', () => {
    const made = transactionRequest({
      by: { type: 'Agent', id: 'a1' },
      action: 'transaction:Cancel',
      transactionId: 't1',
      agent: 'a2',
      accountId: ACCOUNT,
    });

    expect(made.principal).toEqual({ type: 'Agent', id: 'a1' });
    expect(made.entities[1]).toEqual({
      uid: { type: 'Transaction', id: 't1' },
      attrs: { agent: { __entity: { type: 'Agent', id: 'a2' } } },
      parents: [{ type: 'Account', id: ACCOUNT }],
    });
  });
});
