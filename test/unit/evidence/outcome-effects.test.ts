import { describe, expect, it } from '@jest/globals';
import type { Lie } from './support/lies.ts';
import { edit, moved, OTHER_DIGEST, outcomeOf, repeated, without } from './support/lies.ts';
import { committedDraft, compensatedDraft } from './support/story.ts';

const committed = committedDraft();
const compensated = compensatedDraft();

const LIES_OF_AN_EFFECT: readonly Lie[] = [
  ['no claim', committed, without('claimed', 2), 'vends credentials without a claim before it'],
  ['vended too early', committed, moved('vended', 2, 'claimed', 2), 'vends credentials without'],
  [
    'vended for another step',
    committed,
    edit('vended', 2, {}, { stepIndex: 1 }),
    'vends credentials for the claim of another step',
  ],
  ['vended twice', committed, repeated('vended', 2), 'vends credentials twice for one claim'],
  [
    'an answer to no claim',
    committed,
    edit('acknowledged', 2, { attemptId: 'nobody' }),
    'acknowledges an effect without a claim before it',
  ],
  [
    'an answer for another step',
    committed,
    edit('acknowledged', 2, {}, { stepIndex: 1 }),
    'acknowledges an effect for the claim of another step',
  ],
  [
    'two answers',
    committed,
    repeated('acknowledged', 2, { answer: 'refused' }),
    'acknowledges an effect twice for one claim',
  ],
  ['an unknown answer', committed, edit('acknowledged', 2, { answer: 'maybe' }), 'data.answer'],
  ['another state read back', committed, edit('verified', 2, { after: 'x' }), 'digest of `after`'],
  [
    'another state restored',
    compensated,
    edit('compensated', 0, { after: 'x' }),
    'digest of `after`',
  ],
  [
    'a compensation of what was never claimed',
    compensated,
    edit('compensating', 0, { decisionId: 'none' }),
    'compensates without a consumed decision',
  ],
  [
    'a compensation by another decision',
    compensated,
    edit('compensating', 0, { decisionId: 'decision-0-1' }),
    'compensates by the decision of another step',
  ],
  [
    'a compensation to another state',
    compensated,
    edit('compensating', 0, { beforeDigest: OTHER_DIGEST }),
    'compensates to another state than was claimed on',
  ],
  [
    'a compensation while the run goes forward',
    compensated,
    without('unwinding', 0),
    'unwinds before the forward run has ended',
  ],
  [
    'an effect after the run has ended',
    compensated,
    moved('unwinding', 0, 'claimed', 4),
    'goes forward after the forward run has ended',
  ],
  [
    'a run that ends twice',
    compensated,
    repeated('unwinding', 0),
    'ends the forward run a second time',
  ],
  [
    'another reason at the end',
    compensated,
    edit('unwinding', 0, { reason: { code: 'denied' } }),
    'gives another reason than the forward run ended for',
  ],
  [
    'a compensation of no attempt',
    compensated,
    edit('compensated', 0, { attemptId: 'attempt-3-1' }),
    'names no compensation of its step',
  ],
];

describe('the outcome of a stream whose effect does not hold', () => {
  it.each(LIES_OF_AN_EFFECT)('is refused for %s', (_, draft, lie, reason) => {
    const outcome = outcomeOf(draft, lie);

    expect(outcome.ok).toBe(false);
    expect(outcome.reason).toContain(reason);
  });
});
