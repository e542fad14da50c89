import { statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { describe, expect, it } from '@jest/globals';
import { answerCache } from '../../../adapters/cedar/answer-cache.ts';
import { cedarDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import type { Answer } from '../../../core/ports/decision-point.ts';
import { ARN, PERMIT, policySet, request } from './fixtures.ts';

const FORBID = '@id("f") forbid (principal, action in Action::"phase:apply", resource is IamRole);';

function counting(policies: string) {
  let calls = 0;
  const pdp = cedarDecisionPoint(policySet(policies), (call) => {
    calls += 1;
    return statefulIsAuthorized(call);
  });
  return { pdp, calls: () => calls };
}

describe('an answer', () => {
  it('is reused for an equal request, without asking Cedar again', async () => {
    const { pdp, calls } = counting(PERMIT);

    const [first, second] = [await pdp.decide(request()), await pdp.decide(request())];

    expect([first.reused, second.reused]).toEqual([false, true]);
    expect({ ...second, reused: false }).toEqual(first);
    expect(calls()).toBe(1);
    expect(pdp.stats()).toEqual({ fresh: 1, reused: 1 });
  });

  it('is reused where the members of the request stand in another order', async () => {
    const { pdp } = counting(PERMIT);
    const { context, ...rest } = request();
    const turned = Object.fromEntries(Object.entries(context).reverse());

    await pdp.decide({ context, ...rest });
    const answer = await pdp.decide({ ...rest, context: turned });

    expect(answer.reused).toBe(true);
  });

  it.each([
    ['principal', { principal: { type: 'Agent', id: 'other' } }],
    ['action', { action: 'iam:AttachRolePolicy' }],
    ['resource', { resource: { type: 'IamRole', id: `${ARN}2` } }],
    ['context', { context: request({ removedCount: 2 }).context }],
    ['entities', { entities: request().entities.slice(1) }],
  ])('is fresh where the %s differs', async (_part, change) => {
    const { pdp } = counting(PERMIT);

    const before = await pdp.decide(request());
    const after = await pdp.decide({ ...request(), ...change });

    expect(after.reused).toBe(false);
    expect(after.requestDigest).not.toBe(before.requestDigest);
  });

  it('is fresh, and another, with another policy set', async () => {
    const before = counting(PERMIT).pdp;
    const after = counting(PERMIT + FORBID).pdp;

    const answers = [await before.decide(request()), await after.decide(request())];

    expect(answers.map(({ answer, reused }) => ({ answer, reused }))).toEqual([
      { answer: 'allow', reused: false },
      { answer: 'deny', reused: false },
    ]);
    expect(answers[0]?.requestDigest).toBe(answers[1]?.requestDigest);
    expect(answers[0]?.policySetDigest).not.toBe(answers[1]?.policySetDigest);
  });
});

describe('the digest of a policy set', () => {
  it('does not depend on file names and their order', () => {
    const one = policySet(PERMIT + FORBID, 'one.cedar');
    const two = policySet(FORBID + PERMIT, 'two.cedar');

    expect(one.policySetDigest).toBe(two.policySetDigest);
  });

  it('changes with the mode of a policy', () => {
    const enforced = policySet(PERMIT + FORBID);
    const shadow = policySet(PERMIT + FORBID.replace('@id', '@mode("shadow") @id'));

    expect(enforced.policySetDigest).not.toBe(shadow.policySetDigest);
  });
});

describe('the answers kept', () => {
  const answer: Answer = {
    answer: 'allow',
    reasons: [],
    policySetDigest: 'p',
    contextDigest: 'c',
    entitiesDigest: 'e',
    requestDigest: 'r',
    reused: false,
  };

  it('are bounded: the one used longest ago goes first', () => {
    const cache = answerCache(2);
    for (const digest of ['a', 'b', 'a', 'c']) cache.answer(digest, () => answer);

    const reused = ['a', 'c', 'b'].map((digest) => cache.answer(digest, () => answer).reused);

    expect(reused).toEqual([true, true, false]);
  });

  it('do not hold a failure of the decision point', () => {
    const cache = answerCache(2);
    cache.answer('a', () => ({ ...answer, answer: 'deny', code: 'pdp-failed' }));

    const next = cache.answer('a', () => answer);

    expect(next).toMatchObject({ answer: 'allow', reused: false });
  });
});
