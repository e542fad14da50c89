import { describe, expect, it } from '@jest/globals';
import { cedarDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { PERMIT, policySet, request } from './fixtures.ts';

const HEAD = '(principal, action in Action::"phase:apply", resource is IamRole)';
const ONE = `@id("one") @approval("1") forbid ${HEAD} when { context.approvals < 1 };`;
const TWO = `@id("two") @approval("2") forbid ${HEAD} when { context.approvals < 2 };`;
const HARD = `@id("hard") forbid ${HEAD} when { context.widens };`;

function ask(policies: string, context: Record<string, unknown>) {
  return cedarDecisionPoint(policySet(policies)).decide(request(context));
}

describe('a forbid with @approval', () => {
  it('denies where another forbid without @approval matches too', async () => {
    const answer = await ask(PERMIT + ONE + HARD, { approvals: 0, widens: true });

    expect(answer).toMatchObject({ answer: 'deny', code: 'denied' });
    expect(answer.reasons.map(({ id }) => id)).toEqual(['hard', 'one']);
  });

  it('denies where a forbid that approvals would lift does not carry @approval', async () => {
    const silent = ONE.replace('@id("one") @approval("1")', '@id("silent")');

    const answer = await ask(PERMIT + ONE + silent, { approvals: 0 });

    expect(answer).toMatchObject({ answer: 'deny', code: 'denied' });
  });

  it('denies where no permit would match once it is met', async () => {
    const answer = await ask(PERMIT.replace('IamRole', 'IamUser') + ONE, { approvals: 0 });

    expect(answer).toMatchObject({ answer: 'deny', code: 'denied', reasons: [{ id: 'one' }] });
  });

  it('denies where the approvals it asks for do not lift it', async () => {
    const more = ONE.replace('< 1', '< 1 || context.approvals < 5');

    const answer = await ask(PERMIT + more, { approvals: 0 });

    expect(answer).toMatchObject({ answer: 'deny', code: 'denied' });
  });

  it('denies where a policy would fail once it is met', async () => {
    // Overflows with the first approval, not before.
    const failing = `@id("f") forbid ${HEAD}
      when { context.approvals * 9223372036854775807 + context.approvals < 0 };`;

    const answer = await ask(PERMIT + ONE + failing, { approvals: 0 });

    expect(answer).toMatchObject({ answer: 'deny', code: 'denied' });
  });

  it('awaits approval where nothing else is missing', async () => {
    const answer = await ask(PERMIT + ONE + HARD, { approvals: 0 });

    expect(answer).toMatchObject({ answer: 'awaiting-approval', reasons: [{ id: 'one' }] });
    expect(answer.code).toBeUndefined();
  });

  it('awaits as many approvals as the strictest of several asks for', async () => {
    const answers = [
      await ask(PERMIT + ONE + TWO, { approvals: 0 }),
      await ask(PERMIT + ONE + TWO, { approvals: 1 }),
      await ask(PERMIT + ONE + TWO, { approvals: 2 }),
    ];

    expect(answers.map(({ answer }) => answer)).toEqual([
      'awaiting-approval',
      'awaiting-approval',
      'allow',
    ]);
    expect(answers.map(({ reasons }) => reasons.map(({ id }) => id))).toEqual([
      ['one', 'two'],
      ['two'],
      ['p'],
    ]);
  });

  it('is never lifted by a number of approvals below zero', async () => {
    const answer = await ask(PERMIT + ONE, { approvals: -1 });

    expect(answer.answer).toBe('awaiting-approval');
  });
});
