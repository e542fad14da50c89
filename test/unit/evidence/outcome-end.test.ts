import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../core/json.ts';
import type { Draft, Telling } from './support/draft.ts';
import { digestOf } from './support/draft.ts';
import type { Lie, Tellings } from './support/lies.ts';
import {
  all,
  edit,
  moved,
  OTHER_STATE,
  omit,
  outcomeOf,
  repeated,
  without,
} from './support/lies.ts';
import {
  committedDraft,
  compensatedDraft,
  openDraft,
  rejectedDraft,
  resolvedDraft,
  stuckDraft,
} from './support/story.ts';

const committed = committedDraft();
const compensated = compensatedDraft();
/** What the step after step 2 was read back as: its own before, not that of step 2. */
const neighbour = compensated.records.find(({ kind }) => kind === 'compensated')?.data ?? {};
const state = { after: OTHER_STATE, afterDigest: digestOf(OTHER_STATE) };

/** The draft of one status, sealed and told as another. */
function as(draft: Draft, status: 'committed' | 'rejected' | 'compensated'): Draft {
  return { ...draft, seals: [{ status, uncovered: 0 }] };
}

function same(tellings: Tellings): Tellings {
  return tellings;
}

/** Step 0 once more, with a decision and a claim of its own, right before it is verified. */
function retried(tellings: Tellings): Tellings {
  const again = tellings.slice(4, 8).map((telling): Telling => {
    const { decision, ...data } = telling.data;
    const renewed = JSON.parse(JSON.stringify(data).replaceAll('-0-1"', '-0-2"')) as JsonObject;
    if (decision === undefined) return { ...telling, attempt: 2, data: renewed };
    const second = { ...(decision as JsonObject), id: 'decision-0-2', attempt: 2 };
    return { ...telling, attempt: 2, data: { ...renewed, decision: second } };
  });
  return [...tellings.slice(0, 8), ...again, ...tellings.slice(8)];
}

const LIES: readonly Lie[] = [
  [
    'committed without the last claim',
    committed,
    all(without('decided', 4), without('claimed', 4), without('vended', 4), (tellings) =>
      without('acknowledged', 4)(tellings),
    ),
    'step 4 was never claimed',
  ],
  ['committed, no answer', committed, without('acknowledged', 4), 'step 4 was not applied'],
  [
    'committed, and the target refused',
    committed,
    edit('acknowledged', 1, { answer: 'refused' }),
    'step 1 was not applied',
  ],
  ['committed unverified', committed, without('verified', 2), 'step 2 was not verified'],
  [
    'committed, verified before the effect',
    committed,
    moved('verified', 2, 'acknowledged', 2),
    'step 2 was not verified after its effect',
  ],
  [
    'committed with a failed verification',
    committed,
    edit('verified', 2, { ok: false }),
    'step 2 failed its verification',
  ],
  [
    'committed, and a later verification failed',
    committed,
    repeated('verified', 2, { ok: false }),
    'step 2 failed its verification',
  ],
  [
    'committed, read back as something else',
    committed,
    edit('verified', 2, state),
    'step 2 was read back other than predicted',
  ],
  [
    'committed, and a step was undone',
    as(compensated, 'committed'),
    edit('outcome', 0, { status: 'committed' }),
    'yet a step was compensated',
  ],
  [
    'rejected after a claim',
    as(compensated, 'rejected'),
    edit('outcome', 0, { status: 'rejected' }),
    'says rejected, and yet an effect was claimed',
  ],
  ['compensated but for one', compensated, without('compensated', 0), 'step 3 was not compensated'],
  [
    'compensated, nothing undone',
    as(committed, 'compensated'),
    edit('outcome', 0, { status: 'compensated' }),
    'step 0 was not compensated',
  ],
  [
    'compensated, and a read that may lag behind is taken for no effect',
    compensated,
    edit('acknowledged', 4, { answer: 'not-applied' }),
    'step 4 was not compensated',
  ],
  [
    'compensated, and no answer of the last is known',
    compensated,
    without('acknowledged', 4),
    'step 4 was not compensated',
  ],
  [
    'compensated before the claim',
    compensated,
    all(
      edit('compensated', 3, { attemptId: 'undo-0-1' }, { epoch: 1 }),
      omit('compensated', 3, 'attemptId'),
      moved('compensated', 3, 'claimed', 0),
    ),
    'step 0 was not compensated after its claim',
  ],
  [
    'compensated, read back as something else',
    compensated,
    edit('compensated', 1, state),
    'step 2 was read back other than before',
  ],
  [
    'compensated to the state of a neighbour',
    compensated,
    all(edit('compensated', 1, neighbour), omit('compensated', 1, 'attemptId')),
    'step 2 was read back other than before',
  ],
  [
    'a step claimed again that may have acted',
    committed,
    retried,
    'claims a step again whose earlier claim may have acted',
  ],
  [
    'another status in the seal',
    as(rejectedDraft(), 'compensated'),
    same,
    'the seal says `compensated`, the records `rejected`',
  ],
  [
    'a final seal without an outcome',
    as(committed, 'committed'),
    without('outcome', 0),
    'no record tells the outcome',
  ],
  [
    'an open seal over the outcome',
    { ...rejectedDraft(), seals: [{ status: 'running', uncovered: 0 }] },
    same,
    'a seal says `running` after the outcome',
  ],
  [
    'a final seal before the outcome',
    { ...stuckDraft(), seals: [{ status: 'stuck', uncovered: 1 }] },
    same,
    'a seal says `stuck` before the outcome',
  ],
  ['two outcomes', committed, repeated('outcome', 0), 'stands after the outcome'],
  [
    'a record after the outcome',
    committed,
    moved('outcome', 0, 'verified', 4),
    'after the outcome',
  ],
  ['an unknown outcome', committed, edit('outcome', 0, { status: 'fine' }), 'data.status'],
  [
    'a resolved one that was not stuck',
    { ...resolvedDraft(), seals: [{ status: 'compensated', uncovered: 0 }] },
    edit('outcome', 0, { status: 'compensated' }),
    'resolves what is not stuck',
  ],
  ['resolved too early', resolvedDraft(), moved('resolved', 0, 'outcome', 0), 'not stuck'],
  ['resolved by nobody', resolvedDraft(), edit('resolved', 0, { by: '' }), 'data.by'],
  ['resolved as anything', resolvedDraft(), edit('resolved', 0, { as: 'done' }), 'data.as'],
];

describe('the outcome of a stream that ends in a lie', () => {
  it.each(LIES)('is refused for %s', (_, draft, lie, reason) => {
    const outcome = outcomeOf(draft, lie);

    expect(outcome.ok).toBe(false);
    expect(outcome.reason).toContain(reason);
  });
});

describe('the outcome of an honest stream', () => {
  it('holds when a step was claimed again after a settled answer', () => {
    for (const answer of ['not-applied', 'refused']) {
      const told = all(edit('acknowledged', 0, { answer }), retriedAfter(answer));

      expect(outcomeOf(committed, told)).toEqual({
        ok: true,
        reason: 'the records show `committed`',
      });
    }
  });

  it('holds when effects were recovered, and when a denial stands without a claim', () => {
    const recovered = edit('acknowledged', 3, { answer: 'recovered' });
    const denied = edit('decided', 4, { answer: 'deny' });

    expect(outcomeOf(committed, recovered).ok).toBe(true);
    expect(outcomeOf(rejectedDraft(), same).ok).toBe(true);
    expect(outcomeOf(committed, denied).ok).toBe(false);
  });

  it('is unknown while no final seal states it', () => {
    const parked = { ...committed, seals: [{ status: 'parked', uncovered: 5 } as const] };

    expect(outcomeOf(parked, same)).toEqual({
      ok: 'unknown',
      reason: 'open: no seal states the outcome `committed` yet',
    });
    expect(outcomeOf(openDraft(), same).ok).toBe('unknown');
  });

  it('is judged also while it is open', () => {
    expect(outcomeOf(openDraft(), without('decided', 0)).ok).toBe(false);
  });
});

function retriedAfter(answer: string) {
  return all(
    retried,
    (tellings) => edit('acknowledged', 1, { answer: 'applied' })(tellings),
    (tellings) => edit('acknowledged', 0, { answer })(tellings),
  );
}
