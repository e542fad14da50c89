import type { Action } from '../action.ts';
import { CloudRefusedError, UndeterminedError } from '../errors.ts';
import type { EvidenceRecord } from '../evidence/record.ts';
import type { Json } from '../json.ts';
import type { Actions } from '../ports/actions.ts';
import type { Claim, Transaction } from '../transaction.ts';

/** The target as far as the records show it, once nothing more is recorded of a run. */
export interface Model {
  /** The same actions, which read and change the model instead of the target. */
  actions(real: Actions): Actions;
}

/** What a model is made from, when it is first asked. */
export interface ModelSource {
  readonly row: () => Transaction;
  readonly claims: () => readonly Claim[];
  /** All that was recorded, also what would not have happened. */
  readonly records: readonly EvidenceRecord[];
  /** False while the records answer. */
  readonly isInForce: () => boolean;
}

/** A model of the footprints that a transaction has read. */
export function openModel(source: ModelSource): Model {
  let states: Map<string, Json> | undefined;
  const known = (): Map<string, Json> => {
    states ??= statesOf(source);
    return states;
  };
  const wrapped = new Map<string, Action>();
  return {
    actions: (real) => ({
      suggest: (id) => real.suggest(id),
      byId(id) {
        const action = real.byId(id);
        if (action === undefined) return undefined;
        const one = wrapped.get(id) ?? modelled(action, { source, known });
        wrapped.set(id, one);
        return one;
      },
    }),
  };
}

function modelled(
  action: Action,
  { source, known }: { readonly source: ModelSource; readonly known: () => Map<string, Json> },
): Action {
  return {
    ...action,
    async locate(input, context, cloud) {
      if (!source.isInForce()) return action.locate(input, context, cloud);
      throw new UndeterminedError('a target would be located anew');
    },
    async read(target, input, cloud) {
      if (!source.isInForce()) return action.read(target, input, cloud);
      const state = known().get(action.footprint(target, input));
      if (state !== undefined) return state;
      throw new UndeterminedError(
        `a footprint of \`${action.id}\` would be read for the first time`,
      );
    },
    async apply(target, input, before, cloud) {
      if (!source.isInForce()) return action.apply(target, input, before, cloud);
      applyAsRecorded(source);
      known().set(action.footprint(target, input), action.predict(input, before));
    },
    async compensate(target, input, before, cloud) {
      if (!source.isInForce()) return action.compensate(target, input, before, cloud);
      known().set(action.footprint(target, input), before);
    },
  };
}

/** An effect whose answer is recorded, if only later, has that answer; of any other nobody knows. */
function applyAsRecorded({ row, records }: ModelSource): void {
  const { stepIndex } = row().cursor;
  const answers = records.filter(
    (one) => one.kind === 'acknowledged' && one.stepIndex === stepIndex,
  );
  const last = answers.at(-1)?.data;
  switch (last?.['answer']) {
    case 'applied':
    case 'recovered':
      return;
    case 'refused':
      throw new CloudRefusedError(String(last['code'] ?? 'refused'), 'as was recorded');
    default:
      throw new UndeterminedError(`step ${stepIndex + 1} would be applied, which never happened`);
  }
}

/** Each footprint as the steps so far left it. */
function statesOf({ row, claims }: ModelSource): Map<string, Json> {
  const states = new Map<string, Json>();
  const made = claims();
  for (const [stepIndex, { footprint, before, predicted }] of (row().prepared ?? []).entries()) {
    const own = made.filter((one) => one.stepIndex === stepIndex);
    const isApplied = own.some(
      ({ kind, answer }) => kind === 'apply' && (answer === 'applied' || answer === 'recovered'),
    );
    const isOpen = own.some(({ answer }) => answer === undefined);
    if (isOpen)
      throw new UndeterminedError(`whether step ${stepIndex + 1} was applied is not known`);
    if (isApplied) states.set(footprint, predicted);
    else if (!states.has(footprint)) states.set(footprint, before);
  }
  return states;
}
