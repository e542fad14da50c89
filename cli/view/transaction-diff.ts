import type { EvidenceRecord } from '../../core/evidence/record.ts';
import { stateAt } from '../../core/history/history.ts';
import type { ReadBack, RecordedState, RecordedStep } from '../../core/history/recorded-state.ts';
import type { TransactionDiff } from '../json-shapes.ts';
import type { Colors } from '../output.ts';
import { diffLines } from './diff.ts';
import { headOf, summaryOfState } from './recorded.ts';
import { stateChange } from './state-change.ts';
import { outcomeText } from './summary.ts';

type StepDiff = TransactionDiff['steps'][number];
type NamedState = StepDiff['states'][number];

/** What each step did, or would have done, by the records alone. */
export function transactionDiff(
  id: string,
  records: readonly EvidenceRecord[],
  plain: Colors,
): TransactionDiff {
  const state = stateAt(records, records.length - 1);
  const steps = state.steps.map((step, index) => stepDiff(state, step, { index, plain }));
  return { transaction: summaryOfState(id, state), steps };
}

/** The same for a person. */
export function transactionDiffText(
  { transaction, steps }: TransactionDiff,
  colors: Colors,
): string {
  return [
    `${colors.bold(transaction.id)}  ${outcomeText(transaction, colors)}`,
    '',
    ...steps.flatMap((step) => stepText(step, colors)),
  ].join('\n');
}

function stepDiff(
  recorded: RecordedState,
  step: RecordedStep,
  { index, plain }: { readonly index: number; readonly plain: Colors },
): StepDiff {
  const states = statesOf(step);
  const changes = states.slice(1).map((to, place) => {
    const from = states[place] as NamedState;
    return { from: from.name, to: to.name, lines: [...diffLines(from.state, to.state, plain)] };
  });
  return { ...headOf(recorded, index), states, changes };
}

/** A step that was not read back after its effect shows what was predicted of it. */
function statesOf({ prepared, preparedSeq, verified, compensated }: RecordedStep): NamedState[] {
  if (prepared === undefined || preparedSeq === undefined) return [];
  const { before, beforeDigest, predicted, predictedDigest } = prepared;
  const reached =
    verified === undefined
      ? named('predicted', { seq: preparedSeq, digest: predictedDigest, state: predicted })
      : named('after', verified);
  return [
    named('before', { seq: preparedSeq, digest: beforeDigest, state: before }),
    reached,
    ...(compensated === undefined ? [] : [named('restored', compensated)]),
  ];
}

function named(name: NamedState['name'], { seq, digest, state }: ReadBack): NamedState {
  return { name, seq, digest, state: state as NamedState['state'] };
}

function stepText(step: StepDiff, colors: Colors): readonly string[] {
  const { index, id, action, footprint, states } = step;
  const names = states.map((one) => one.name).join(' -> ');
  return [
    `${colors.bold(`step ${index + 1}`)} (${id})  ${action}  ${step.state}`,
    ...(footprint === undefined ? [] : [`  ${footprint}`]),
    ...(states.length === 0
      ? ['  nothing was read or predicted']
      : [
          `  ${colors.dim(names)}`,
          ...stateChange(
            states.map((one) => one.state),
            colors,
          ).map((line) => `  ${line}`),
        ]),
  ];
}
