import { expect } from '@jest/globals';
import { verifyBundle } from '../../../../core/evidence/index.ts';
import { nodeCrypto } from '../../../../core/evidence/node-crypto.ts';
import type { JsonObject } from '../../../../core/json.ts';
import type { Draft, Telling } from './draft.ts';
import { bundleOf, recordsOf, STREAM_ID, tellingOf } from './draft.ts';
import { logged, logKey } from './log.ts';

/** The records of a stream as its owner would write them. */
export type Tellings = readonly Telling[];
/** A lie: what the key's owner writes instead, and the reason that must be found. */
export type Lie = readonly [string, Draft, (tellings: Tellings) => Tellings, string];

export const OTHER_DIGEST = '0'.repeat(64);
export const OTHER_STATE = { attached: 'something else', removed: 9 };

/** Seals a draft whose records tell a lie; the signature is true. */
export function outcomeOf(draft: Draft, lie: (tellings: Tellings) => Tellings) {
  const records = recordsOf(lie(draft.records.map(tellingOf)), STREAM_ID);
  const { bundle } = logged(bundleOf({ ...draft, records }));
  const verdict = verifyBundle(nodeCrypto, bundle, { trustedKeyIds: [logKey.keyId] });
  expect(verdict.integrity.ok).toBe(true);
  expect(verdict.signer.ok).toBe(true);
  expect(verdict.ok).toBe(verdict.complete.ok === true && verdict.outcome.ok === true);
  return verdict.outcome;
}

/** Changes the data, or the place, of the nth record of a kind. */
export function edit(kind: string, nth: number, data: JsonObject, place: Partial<Telling> = {}) {
  return (tellings: Tellings): Tellings => {
    const target = tellings.filter((telling) => telling.kind === kind).at(nth);
    return tellings.map((telling) =>
      telling === target ? { ...telling, ...place, data: { ...telling.data, ...data } } : telling,
    );
  };
}

/** Leaves a member of the data of the nth record of a kind out. */
export function omit(kind: string, nth: number, member: string) {
  return (tellings: Tellings): Tellings => {
    const target = tellings.filter((telling) => telling.kind === kind).at(nth);
    return tellings.map((telling) => {
      if (telling !== target) return telling;
      const kept = Object.entries(telling.data).filter(([key]) => key !== member);
      return { ...telling, data: Object.fromEntries(kept) };
    });
  };
}

/** Changes members of the decision within the nth `decided`. */
export function editDecision(nth: number, change: JsonObject) {
  return (tellings: Tellings): Tellings => {
    const decided = tellings.filter((telling) => telling.kind === 'decided').at(nth);
    const decision = { ...(decided?.data['decision'] as JsonObject), ...change };
    return edit('decided', nth, { decision })(tellings);
  };
}

/** Changes the first step of the nth `preflighted`. */
export function editPrepared(nth: number, change: JsonObject) {
  return (tellings: Tellings): Tellings => {
    const target = tellings.filter((telling) => telling.kind === 'preflighted').at(nth);
    const [first, ...others] = (target?.data['steps'] ?? []) as readonly JsonObject[];
    return edit('preflighted', nth, { steps: [{ ...first, ...change }, ...others] })(tellings);
  };
}

/** Leaves out the nth record of a kind. */
export function without(kind: string, nth: number) {
  return (tellings: Tellings): Tellings => {
    const target = tellings.filter((telling) => telling.kind === kind).at(nth);
    return tellings.filter((telling) => telling !== target);
  };
}

/** Puts the nth record of a kind before the mth of another. */
export function moved(kind: string, nth: number, before: string, mth: number) {
  return (tellings: Tellings): Tellings => {
    const target = tellings.filter((telling) => telling.kind === kind).at(nth);
    const anchor = tellings.filter((telling) => telling.kind === before).at(mth);
    return without(
      kind,
      nth,
    )(tellings).flatMap((telling) =>
      telling === anchor ? [target as Telling, telling] : [telling],
    );
  };
}

/** Repeats the nth record of a kind with other data, right after it. */
export function repeated(kind: string, nth: number, data: JsonObject = {}) {
  return (tellings: Tellings): Tellings => {
    const target = tellings.filter((telling) => telling.kind === kind).at(nth);
    return tellings.flatMap((telling) =>
      telling === target
        ? [telling, { ...telling, data: { ...telling.data, ...data } }]
        : [telling],
    );
  };
}

/** One change after the other. */
export function all(...changes: readonly ((tellings: Tellings) => Tellings)[]) {
  return (tellings: Tellings): Tellings => changes.reduce((told, change) => change(told), tellings);
}
