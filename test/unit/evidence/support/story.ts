import type { Draft } from './draft.ts';
import { recordsOf, STREAM_ID, tellingOf } from './draft.ts';
import {
  applied,
  beginning,
  compensated,
  outcome,
  steps,
  unwinding,
  verified,
} from './tellings.ts';

/** Committed after parking once; two of the steps change one footprint. */
export function committedDraft(stepCount = 5): Draft {
  const done = steps(stepCount).flatMap((stepIndex) => [
    ...applied(stepCount, stepIndex, 'applied'),
    verified(stepIndex, true),
  ]);
  return {
    streamId: STREAM_ID,
    records: recordsOf([...beginning(stepCount), ...done, outcome('committed')]),
    seals: [
      { status: 'parked', uncovered: 5 },
      { status: 'committed', uncovered: 0 },
    ],
  };
}

/** Refused by policy at preflight. */
export function rejectedDraft(): Draft {
  const deny = { answer: 'deny', code: 'denied', reasons: [{ id: 'no-widening' }] };
  const denied = { kind: 'decided', stepIndex: 0, attempt: 1, data: deny };
  return {
    streamId: STREAM_ID,
    records: recordsOf([...beginning(2), denied, outcome('rejected')]),
    seals: [{ status: 'rejected', uncovered: 0 }],
  };
}

/** The last step is refused by the target; all before it are compensated, in a new epoch. */
export function compensatedDraft(stepCount = 5): Draft {
  const last = stepCount - 1;
  const before = steps(last).flatMap((stepIndex) => [
    ...applied(stepCount, stepIndex, stepIndex === 0 ? 'recovered' : 'applied'),
    verified(stepIndex, true),
  ]);
  const undone = steps(last)
    .reverse()
    .flatMap((stepIndex) => compensated(stepIndex));
  return {
    streamId: STREAM_ID,
    records: recordsOf([
      ...beginning(stepCount),
      ...before,
      ...applied(stepCount, last, 'refused'),
      unwinding(last),
      ...undone,
      outcome('compensated', 2),
    ]),
    seals: [{ status: 'compensated', uncovered: 0 }],
  };
}

/** The answer of the first step was lost and compensation gave up. */
export function stuckDraft(): Draft {
  const tellings = [
    ...beginning(2),
    ...applied(2, 0, 'applied').slice(0, 3),
    unwinding(0),
    ...compensated(0).slice(0, 1),
    outcome('stuck', 2),
  ];
  return {
    streamId: STREAM_ID,
    records: recordsOf(tellings),
    seals: [{ status: 'stuck', uncovered: 0 }],
  };
}

/** A person ended the stuck one; the stream was sealed again. */
export function resolvedDraft(): Draft {
  const { records } = stuckDraft();
  const data = { as: 'restored', reason: 'checked by hand', by: 'operator:kim' };
  const resolved = { kind: 'resolved', epoch: 2, data };
  return {
    streamId: STREAM_ID,
    records: recordsOf([...records.map(tellingOf), resolved]),
    seals: [
      { status: 'stuck', uncovered: 1 },
      { status: 'stuck', uncovered: 0 },
    ],
  };
}

/** Frozen in the middle. */
export function openDraft(): Draft {
  const tellings = [...beginning(2), ...applied(2, 0, 'applied'), verified(0, true)];
  return {
    streamId: STREAM_ID,
    records: recordsOf(tellings),
    seals: [{ status: 'parked', uncovered: 0 }],
  };
}

/** A day of the control stream. */
export function controlDraft(): Draft {
  const streamId = 'control:2026-11-25';
  const engaged = { kind: 'kill-switch', epoch: 0, data: { mode: 'halt', scope: 'all' } };
  const refused = { kind: 'refused', epoch: 0, data: { code: 'halted' } };
  return {
    streamId,
    records: recordsOf([engaged, refused], streamId),
    seals: [
      { status: 'open', uncovered: 1 },
      { status: 'closed', uncovered: 0 },
    ],
  };
}
