import { describe, expect, it } from '@jest/globals';
import { cedarDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import type { DecisionRequest, EntityJson } from '../../../core/ports/decision-point.ts';
import { ARN, PERMIT, policySet, request } from './fixtures.ts';

const LONG_MAX = '9223372036854775807';
// Overflows where one grant or more is removed; strict validation cannot see it.
const FAILING = `@id("failing") forbid (principal, action, resource is IamRole)
  when { context.removedCount * ${LONG_MAX} + ${LONG_MAX} > 0 };`;

function ask(policies: string, asked: DecisionRequest = request()) {
  return cedarDecisionPoint(policySet(policies)).decide(asked);
}

function withoutField(field: string): DecisionRequest {
  const made = request();
  const context = Object.fromEntries(Object.entries(made.context).filter(([key]) => key !== field));
  return { ...made, context };
}

function withRole(change: Partial<Record<keyof EntityJson, unknown>>): DecisionRequest {
  const made = request();
  const entities = made.entities.map((one) => (one.uid.id === ARN ? { ...one, ...change } : one));
  return { ...made, entities: entities as readonly EntityJson[] };
}

function cyclic(): DecisionRequest {
  const loop: Record<string, unknown> = {};
  loop['again'] = loop;
  return request({ loop });
}

describe('a policy that fails while it is evaluated', () => {
  it('denies beside a matching permit, though Cedar itself would allow', async () => {
    const answer = await ask(PERMIT + FAILING);

    expect(answer).toMatchObject({ answer: 'deny', code: 'policy-error' });
    expect(answer.reasons).toEqual([{ id: 'failing' }]);
  });

  it('denies where the failing one is a permit and another permit matches', async () => {
    const failing = FAILING.replace('forbid (principal, action,', 'permit (HEAD,').replace(
      'HEAD',
      'principal is Agent, action in Action::"phase:apply"',
    );

    const answer = await ask(PERMIT + failing);

    expect(answer).toMatchObject({ answer: 'deny', code: 'policy-error' });
  });

  it('allows the request on which it does not fail', async () => {
    const answer = await ask(PERMIT + FAILING, request({ removedCount: -1 }));

    expect(answer.answer).toBe('allow');
  });
});

describe('reasons', () => {
  it('carry the @id and @advice, not a number of the parser', async () => {
    const advised = PERMIT.replace('@id("p")', '@id("named") @advice("for people")');

    const answer = await ask(advised);

    expect(answer.reasons).toEqual([{ id: 'named', advice: 'for people' }]);
  });

  it('are sorted by id whatever order Cedar gives', async () => {
    const ids = Array.from({ length: 24 }, (_, index) => `p${(index * 7) % 24}`);
    const text = ids.map((id) => PERMIT.replace('"p"', `"${id}"`)).join('\n');

    const answer = await ask(text);

    expect(answer.reasons.map(({ id }) => id)).toEqual([...ids].sort());
  });
});

const DOUBTFUL: Readonly<Record<string, DecisionRequest>> = {
  'a missing context field': withoutField('widens'),
  'a context field that the schema does not know': request({ extra: 1 }),
  'a context field of another type': request({ widens: 'false' }),
  'a float': request({ removedCount: 1.5 }),
  'a null': request({ removedCount: null }),
  'an undefined': request({ removedCount: undefined }),
  'not a number': request({ removedCount: Number.NaN }),
  'the integer 2^53': request({ removedCount: 2 ** 53 }),
  'the integer -2^53': request({ removedCount: -(2 ** 53) }),
  'an integer beyond 2^53 deep inside': request({ blastRadius: { stepsMax: 2 ** 53 + 2 } }),
  'a big integer': request({ removedCount: 2n ** 60n }),
  'a value with its own toJSON': request({ removedCount: Object.create({ toJSON: () => 0 }) }),
  'a value that holds itself': cyclic(),
  'a lone surrogate': withRole({ attrs: { arn: '\ud800', path: '/' } }),
  'an integer beyond 2^53 in an entity': withRole({ attrs: { arn: ARN, path: 2 ** 53 } }),
  'an entity without an attribute': withRole({ attrs: { arn: ARN } }),
  'an entity without attributes': withRole({ attrs: undefined }),
  'no entities at all': { ...request(), entities: undefined } as unknown as DecisionRequest,
  'no context at all': { ...request(), context: undefined } as unknown as DecisionRequest,
  'no principal at all': { ...request(), principal: undefined } as unknown as DecisionRequest,
  'no request at all': null as unknown as DecisionRequest,
  'a resource type that the action does not take': {
    ...request(),
    resource: { type: 'IamUser', id: ARN },
  },
};

describe('a request in doubt', () => {
  it.each(Object.entries(DOUBTFUL))('is denied as invalid: %s', async (_name, asked) => {
    const answer = await ask(PERMIT, asked);

    expect(answer).toMatchObject({ answer: 'deny', code: 'request-invalid', reasons: [] });
  });

  it('is allowed with the largest integer that is exact', async () => {
    const answer = await ask(PERMIT, request({ removedCount: Number.MAX_SAFE_INTEGER }));

    expect(answer.answer).toBe('allow');
  });

  it('is denied for an action that the schema does not know', async () => {
    const answer = await ask(PERMIT, request({}, 'iam:CreateUser'));

    expect(answer).toMatchObject({ answer: 'deny', code: 'unknown-action' });
  });

  it('is denied for a group of actions, which nobody can do', async () => {
    const answer = await ask(PERMIT, request({}, 'phase:apply'));

    expect(answer).toMatchObject({ answer: 'deny', code: 'unknown-action' });
  });

  it('is denied for an agent that is not in the list', async () => {
    const answer = await ask(PERMIT, { ...request(), principal: { type: 'Agent', id: 'other' } });

    expect(answer).toMatchObject({ answer: 'deny', code: 'unknown-principal' });
  });

  it('is denied where no permit matches', async () => {
    const answer = await ask(PERMIT.replace('IamRole', 'IamUser'));

    expect(answer).toMatchObject({ answer: 'deny', code: 'no-permit', reasons: [] });
  });
});

describe('a decision point that crashes', () => {
  const crash = () => {
    throw new Error('unreachable');
  };

  it('denies', async () => {
    const answer = await cedarDecisionPoint(policySet(PERMIT), crash).decide(request());

    expect(answer).toMatchObject({ answer: 'deny', code: 'pdp-failed', reasons: [] });
  });

  it('is asked again by the next equal request', async () => {
    const pdp = cedarDecisionPoint(policySet(PERMIT), crash);

    const answers = [await pdp.decide(request()), await pdp.decide(request())];

    expect(answers.map(({ reused }) => reused)).toEqual([false, false]);
    expect(pdp.stats()).toEqual({ fresh: 2, reused: 0 });
  });

  it('denies when it answers with a failure', async () => {
    const failure = () => ({ type: 'failure' as const, errors: [], warnings: [] });

    const answer = await cedarDecisionPoint(policySet(PERMIT), failure).decide(request());

    expect(answer).toMatchObject({ answer: 'deny', code: 'request-invalid' });
  });
});
