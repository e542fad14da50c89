import { approvalOf, effectStateOf } from '../../api/view/detail.ts';
import { summaryOf } from '../../api/view/summary.ts';
import type { RecordedState } from '../../core/history/recorded-state.ts';
import type { Resolution } from '../../core/transaction.ts';
import type { StepShape, TransactionSummary } from '../json-shapes.ts';

type Head = Pick<StepShape, 'index' | 'id' | 'action' | 'state' | 'resource'> & {
  readonly footprint?: string;
};

/** A recorded state as lists show a transaction. */
export function summaryOfState(id: string, state: RecordedState): TransactionSummary {
  return summaryOf({ id, ...state });
}

/** Which step it is, and where its effect stood. */
export function headOf({ plan, steps }: RecordedState, index: number): Head {
  const { id = '', action = '' } = plan.steps[index] ?? {};
  const { claims = [], prepared } = steps[index] ?? {};
  const state = effectStateOf(claims);
  if (prepared === undefined) return { index, id, action, state };
  const { resources, footprint } = prepared;
  const [resource] = resources;
  return { index, id, action, state, footprint, ...(resource === undefined ? {} : { resource }) };
}

/** The parts of a transaction that only some have. */
export function standingOf({ undoOf, approval, resolution }: RecordedState) {
  return {
    ...(undoOf === undefined ? {} : { undoOf }),
    ...(approval === undefined ? {} : { approval: approvalOf(approval) }),
    ...(resolution === undefined ? {} : { resolution: resolutionOf(resolution) }),
  };
}

function resolutionOf(resolution: Resolution) {
  return { ...resolution, at: new Date(resolution.at).toISOString() };
}
