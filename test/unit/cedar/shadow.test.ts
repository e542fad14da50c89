import { describe, expect, it } from '@jest/globals';
import { cedarDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { PERMIT, policySet, request } from './fixtures.ts';

const HEAD = '(principal, action in Action::"phase:apply", resource is IamRole)';
const USERS_ONLY = PERMIT.replace('"p"', '"users"').replace('IamRole', 'IamUser');
const SHADOW_PERMIT = `@mode("shadow") ${PERMIT.replace('"p"', '"shadow-permit"')}`;
const SHADOW_FORBID = `@id("shadow-forbid") @mode("shadow") forbid ${HEAD};`;
const SHADOW_FAILING = `@id("shadow-failing") @mode("shadow") forbid ${HEAD}
  when { context.removedCount + 9223372036854775807 > 0 };`;

function ask(policies: string) {
  return cedarDecisionPoint(policySet(policies)).decide(request());
}

describe('a shadow policy', () => {
  it('grants nothing, and is reported', async () => {
    const answer = await ask(USERS_ONLY + SHADOW_PERMIT);

    expect(answer).toMatchObject({ answer: 'deny', code: 'no-permit', reasons: [] });
    expect(answer.shadow).toEqual([{ answer: 'allow', reasons: [{ id: 'shadow-permit' }] }]);
  });

  it('forbids nothing, and is reported', async () => {
    const answer = await ask(PERMIT + SHADOW_FORBID);

    expect(answer).toMatchObject({ answer: 'allow', reasons: [{ id: 'p' }] });
    expect(answer.shadow).toEqual([{ answer: 'deny', reasons: [{ id: 'shadow-forbid' }] }]);
  });

  it('that fails is a deny in the report and leaves the answer as it is', async () => {
    const answer = await ask(PERMIT + SHADOW_PERMIT + SHADOW_FAILING);

    expect(answer).toMatchObject({ answer: 'allow', reasons: [{ id: 'p' }] });
    expect(answer.shadow).toEqual([
      { answer: 'deny', reasons: [{ id: 'shadow-failing' }, { id: 'shadow-permit' }] },
    ]);
  });

  it('does not turn a matching @approval into one that is met', async () => {
    const approval = `@id("one") @approval("1") forbid ${HEAD} when { context.approvals < 1 };`;

    const answer = await ask(USERS_ONLY + approval + SHADOW_PERMIT);

    expect(answer).toMatchObject({ answer: 'deny', code: 'denied' });
  });

  it('that has nothing to say is not reported', async () => {
    const answer = await ask(PERMIT + SHADOW_PERMIT.replace('IamRole', 'IamUser'));

    expect(answer.shadow).toBeUndefined();
  });

  it('whose evaluation crashes leaves the answer as it is', async () => {
    const { statefulIsAuthorized } = await import('@cedar-policy/cedar-wasm/nodejs');
    const pdp = cedarDecisionPoint(policySet(PERMIT + SHADOW_PERMIT), (call) => {
      if (call.preparsedPolicySetId.startsWith('shadow:')) throw new Error('unreachable');
      return statefulIsAuthorized(call);
    });

    const answer = await pdp.decide(request());

    expect(answer).toMatchObject({ answer: 'allow', shadow: [{ answer: 'deny', reasons: [] }] });
  });
});
