import { describe, expect, it } from '@jest/globals';
import type { Telling } from './support/draft.ts';
import type { Lie } from './support/lies.ts';
import {
  all,
  edit,
  editDecision,
  editPrepared,
  moved,
  OTHER_DIGEST,
  OTHER_STATE,
  outcomeOf,
  repeated,
  without,
} from './support/lies.ts';
import { committedDraft, openDraft } from './support/story.ts';

const committed = committedDraft();

const LIES_OF_THE_PLAN: readonly Lie[] = [
  ['nothing proposed', committed, without('proposed', 0), 'does not begin with `proposed`'],
  ['proposed second', committed, moved('located', 0, 'proposed', 0), 'does not begin with'],
  ['proposed twice', committed, repeated('proposed', 0), 'proposes a second time'],
  ['another plan', committed, edit('proposed', 0, { plan: { steps: [] } }), 'digest of `plan`'],
  [
    'no steps in the plan',
    committed,
    edit('proposed', 0, { plan: { steps: 'many' } }),
    '`data.plan.steps` is missing or not valid',
  ],
  [
    'a step beyond the plan',
    committed,
    edit('verified', 4, {}, { stepIndex: 5 }),
    'the plan has not',
  ],
  ['preflight beyond the plan', committed, editPrepared(0, { stepIndex: 5 }), 'the plan has not'],
  ['another before', committed, editPrepared(1, { before: OTHER_STATE }), 'digest of `before`'],
  ['another prediction', committed, editPrepared(0, { predicted: 'x' }), 'digest of `predicted`'],
];

const LIES_OF_A_CLAIM: readonly Lie[] = [
  ['no preflight', committed, without('preflighted', 0), 'claims a step without preflight'],
  ['preflight too late', committed, moved('preflighted', 1, 'outcome', 0), 'without preflight'],
  ['no decision', committed, without('decided', 2), 'claims without a decision to allow'],
  ['decided too late', committed, moved('decided', 2, 'vended', 2), 'claims without a decision'],
  ['a denial', committed, edit('decided', 2, { answer: 'deny' }), 'claims without a decision'],
  [
    'the decision of another step',
    committed,
    edit('claimed', 2, { decisionId: 'decision-1-1' }),
    'claims with a decision on another step',
  ],
  [
    'a decision on another attempt',
    committed,
    edit('claimed', 2, {}, { attempt: 2 }),
    'claims with a decision on another attempt',
  ],
  [
    'a decision of an older epoch',
    openDraft(),
    (tellings) => tellings.map((telling, seq) => ({ ...telling, epoch: seq < 5 ? 1 : 2 })),
    'claims with a decision of another epoch',
  ],
  ['an expired decision', committed, editDecision(2, { expiresAt: 1 }), 'that has expired'],
  [
    'a decision on another state',
    committed,
    editDecision(2, { beforeDigest: OTHER_DIGEST }),
    'claims on another state than was decided on',
  ],
  [
    'a state that preflight did not expect',
    committed,
    all(
      editDecision(2, { beforeDigest: OTHER_DIGEST }),
      edit('claimed', 2, { beforeDigest: OTHER_DIGEST }),
    ),
    'claims on another state than preflight expected',
  ],
  [
    'one decision twice',
    committed,
    all(edit('acknowledged', 0, { answer: 'not-applied' }), (tellings) => {
      const again = edit('claimed', 0, { attemptId: 'again' })(tellings);
      const claim = again.find((telling) => telling.kind === 'claimed') as Telling;
      return tellings.flatMap((telling) =>
        telling.kind === 'verified' && telling.stepIndex === 0 ? [claim, telling] : [telling],
      );
    }),
    'a decision that was consumed before',
  ],
  ['one attempt twice', committed, repeated('claimed', 0), 'repeats the attempt id'],
  [
    'a decision id twice',
    committed,
    repeated('decided', 0),
    'repeats the id of an earlier decision',
  ],
  [
    'a decision of another transaction',
    committed,
    editDecision(0, { transactionId: 'other' }),
    'on another transaction or plan',
  ],
  [
    'a decision on another plan',
    committed,
    editDecision(0, { planDigest: OTHER_DIGEST }),
    'on another transaction or plan',
  ],
  [
    'a row of another step',
    committed,
    editDecision(0, { stepIndex: 1 }),
    'on another step, attempt',
  ],
  [
    'a row of another attempt',
    committed,
    editDecision(0, { attempt: 2 }),
    'on another step, attempt',
  ],
  ['a row of another epoch', committed, editDecision(0, { epoch: 2 }), 'on another step, attempt'],
  ['a row of another kind', committed, editDecision(0, { kind: 'verify' }), 'data.decision.kind'],
];

describe('the outcome of a stream whose plan or preflight does not hold', () => {
  it.each(LIES_OF_THE_PLAN)('is refused for %s', (_, draft, lie, reason) => {
    const outcome = outcomeOf(draft, lie);

    expect(outcome.ok).toBe(false);
    expect(outcome.reason).toContain(reason);
  });
});

describe('the outcome of a stream whose claim does not hold', () => {
  it.each(LIES_OF_A_CLAIM)('is refused for %s', (_, draft, lie, reason) => {
    const outcome = outcomeOf(draft, lie);

    expect(outcome.ok).toBe(false);
    expect(outcome.reason).toContain(reason);
  });
});
