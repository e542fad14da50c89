import { validGiven } from '../approval.ts';
import type { EvidenceRecord } from '../evidence/record.ts';
import { statusOnStart } from '../transaction.ts';
import {
  decisionOf,
  readBackOf,
  withClaim,
  withClaimChanged,
  withCursor,
  withStep,
} from './changes.ts';
import { foldPreflighted } from './fold-preflight.ts';
import type { RecordedState } from './recorded-state.ts';
import { dataOf, notTold, stepIndexOf, type ToldData, type TransactionRecordKind } from './told.ts';

/**
 * The state after one more record: what the store showed of the transaction once the last record of
 * a write was written. Records that were written together pass through states that nobody saw.
 * Throws `EvidenceError` (`evidence-inconsistent`) for a record that cannot follow.
 */
export function foldRecord(
  state: RecordedState | undefined,
  record: EvidenceRecord,
): RecordedState {
  const kind = record.kind as TransactionRecordKind;
  if (state === undefined || kind === 'proposed') return proposedBy(state, record);
  if (record.seq !== state.seq + 1) throw notTold(record, `it does not follow ${state.seq}`);
  if (!Object.hasOwn(FOLDS, kind)) throw notTold(record, 'its kind is unknown');
  const { seq, epoch } = record;
  const at = Date.parse(record.at);
  const status = epoch === state.epoch ? state.status : statusOnStart(state);
  const before = { ...state, seq, kind, at, epoch, status };
  return foldOf(kind, before, record);
}

function proposedBy(state: RecordedState | undefined, record: EvidenceRecord): RecordedState {
  if (state !== undefined || record.seq !== 0 || record.kind !== 'proposed')
    throw notTold(record, 'a transaction begins with `proposed`, and only once');
  const { agent, plan, planDigest, undoOf } = dataOf('proposed', record);
  const { seq, kind, epoch, actor } = record;
  const at = Date.parse(record.at);
  return {
    ...{ seq, kind, at, epoch, agent, actor, plan, planDigest, createdAt: at },
    ...(undoOf === undefined ? {} : { undoOf }),
    status: 'proposed',
    cursor: { stepIndex: 0, phase: 'preflight', attempt: 1 },
    steps: plan.steps.map(() => ({ claims: [] })),
  };
}

type Fold<Kind extends TransactionRecordKind> = (
  state: RecordedState,
  data: ToldData<Kind>,
  record: EvidenceRecord,
) => RecordedState;

function foldOf<Kind extends Exclude<TransactionRecordKind, 'proposed'>>(
  kind: Kind,
  state: RecordedState,
  record: EvidenceRecord,
): RecordedState {
  const fold = FOLDS[kind] as unknown as Fold<Kind>;
  return fold(state, dataOf(kind, record), record);
}

const FOLDS: { readonly [Kind in Exclude<TransactionRecordKind, 'proposed'>]: Fold<Kind> } = {
  located: (state, { target }, record) => withStep(state, record, { target }),
  preflighted: foldPreflighted,
  approved: (state, { by, expiresAt }, record) => {
    const { approval, at } = state;
    if (approval === undefined) throw notTold(record, 'nothing waits for an approval');
    const given = [...validGiven(approval, at), { by, at, expiresAt }];
    if (given.length < approval.needed) return { ...state, approval: { ...approval, given } };
    return { ...state, status: 'proposed', approval: { ...approval, given, grantedAt: at } };
  },
  // Its outcome is of the same write.
  refused: (state) => state,
  decided(state, data, record) {
    const decided = withStep(state, record, { decision: decisionOf('apply', record) });
    // Why it was refused, or parked, the next record of the same write says.
    if (data.answer !== 'allow') return decided;
    return { ...withCursor(decided, record, 'execute'), status: 'running' };
  },
  claimed: (state, data, record) =>
    withCursor(withClaim(state, record, { ...data, kind: 'apply' }), record, 'claimed'),
  vended: (state, { attemptId, policyDigest }, record) =>
    withClaimChanged(state, record, attemptId, { policyDigest }),
  acknowledged(state, { attemptId, answer }, record) {
    const answered = withClaimChanged(state, record, attemptId, { answer });
    const { cursor } = state;
    if (answer === 'applied' || answer === 'recovered')
      return { ...answered, cursor: { ...cursor, phase: 'verify' } };
    // It is tried again, unless the next record of the same write says that it is over.
    if (answer === 'refused') return answered;
    return { ...answered, cursor: { ...cursor, phase: 'authorize', attempt: cursor.attempt + 1 } };
  },
  verified(state, { ok, decision }, record) {
    const verified = withStep(state, record, {
      verified: { ...readBackOf(record), ok },
      ...(decision === undefined ? {} : { decision: decisionOf('verify', record, decision) }),
    });
    const stepIndex = state.cursor.stepIndex + 1;
    if (!ok || stepIndex === state.plan.steps.length) return verified;
    return { ...verified, cursor: { stepIndex, phase: 'authorize', attempt: 1 } };
  },
  unwinding(state, { reason }, record) {
    const stepIndex = stepIndexOf(record, state.steps.length);
    const cursor = { stepIndex, phase: 'compensate', attempt: 1 } as const;
    if (reason === undefined) return { ...state, cursor, status: 'compensating' };
    return { ...state, cursor, reason };
  },
  parked: (state) => ({ ...state, status: 'parked' }),
  resumed: (state) => ({ ...state, status: 'running' }),
  compensating(state, { decision, ...data }, record) {
    const claimed = withClaim(state, record, { ...data, kind: 'compensate' });
    const decided =
      decision === undefined
        ? claimed
        : withStep(claimed, record, { decision: decisionOf('compensate', record, decision) });
    return { ...withCursor(decided, record, 'compensation-claimed'), status: 'compensating' };
  },
  compensated(state, { attemptId }, record) {
    const answered = withClaimChanged(state, record, attemptId, { answer: 'applied' });
    const compensated = withStep(answered, record, { compensated: readBackOf(record) });
    const below = highestOpenBelow(compensated, state.cursor.stepIndex);
    if (below === undefined) return compensated;
    return { ...compensated, cursor: { stepIndex: below, phase: 'compensate', attempt: 1 } };
  },
  outcome: (state, { status, reason }) => ({
    ...state,
    status,
    ...(reason === undefined ? {} : { reason }),
    cursor: { ...state.cursor, phase: 'seal' },
  }),
  resolved: (state, { as, reason, by }) => ({
    ...state,
    resolution: { as, reason, by, at: state.at },
    cursor: { ...state.cursor, phase: 'seal', attempt: state.cursor.attempt + 1 },
  }),
};

/** The next step to unwind: only one whose every claim was refused for good had no effect for sure. */
function highestOpenBelow({ steps }: RecordedState, from: number): number | undefined {
  const below = steps.slice(0, from).findLastIndex(({ claims }) => {
    return claims.some((one) => one.kind === 'apply' && one.answer !== 'refused');
  });
  return below === -1 ? undefined : below;
}
