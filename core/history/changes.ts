import type { EvidenceRecord } from '../evidence/record.ts';
import type { Claim, EffectAnswer } from '../transaction.ts';
import type {
  ReadBack,
  RecordedClaim,
  RecordedDecision,
  RecordedState,
  RecordedStep,
} from './recorded-state.ts';
import { notTold, stepIndexOf, type ToldData } from './told.ts';

/** The state with something else known of the step that a record is of. */
export function withStep(
  state: RecordedState,
  record: EvidenceRecord,
  change: Partial<RecordedStep>,
): RecordedState {
  const index = stepIndexOf(record, state.steps.length);
  return { ...state, steps: state.steps.with(index, { ...stepAt(state, index), ...change }) };
}

/** The state with its cursor at the step and attempt that a record is of. */
export function withCursor(
  state: RecordedState,
  record: EvidenceRecord,
  phase: RecordedState['cursor']['phase'],
): RecordedState {
  const stepIndex = stepIndexOf(record, state.steps.length);
  return { ...state, cursor: { stepIndex, phase, attempt: attemptOf(record) } };
}

/** The state with one more claim of the step. */
export function withClaim(
  state: RecordedState,
  record: EvidenceRecord,
  told: ToldData<'claimed'> & Pick<Claim, 'kind'>,
): RecordedState {
  const stepIndex = stepIndexOf(record, state.steps.length);
  const claim: RecordedClaim = {
    ...told,
    stepIndex,
    attempt: attemptOf(record),
    epoch: state.epoch,
  };
  return withStep(state, record, { claims: [...stepAt(state, stepIndex).claims, claim] });
}

/** The state with the credentials or the answer of a claim. */
export function withClaimChanged(
  state: RecordedState,
  record: EvidenceRecord,
  attemptId: string,
  change: { readonly policyDigest?: string; readonly answer?: EffectAnswer },
): RecordedState {
  const { claims } = stepAt(state, stepIndexOf(record, state.steps.length));
  const place = claims.findLastIndex((one) => one.attemptId === attemptId);
  const claim = claims[place];
  if (claim === undefined) throw notTold(record, 'it is of a claim that nobody made');
  return withStep(state, record, { claims: claims.with(place, { ...claim, ...change }) });
}

function stepAt({ steps }: RecordedState, index: number): RecordedStep {
  return steps[index] as RecordedStep;
}

function attemptOf(record: EvidenceRecord): number {
  if (record.attempt !== undefined) return record.attempt;
  throw notTold(record, 'it names no attempt');
}

/** What a record says that was decided. */
export function decisionOf(
  of: RecordedDecision['of'],
  { seq, data }: EvidenceRecord,
  answer = data,
): RecordedDecision {
  return { of, seq, answer };
}

/** The state that a record says was read. */
export function readBackOf({ seq, data }: EvidenceRecord): ReadBack {
  return { seq, state: data['after'] as ReadBack['state'], digest: String(data['afterDigest']) };
}
