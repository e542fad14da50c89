import type { JsonObject } from '../json.ts';
import type { Write } from '../ports/store.ts';
import type { FinalStatus, Reason, SagaState } from '../transaction.ts';
import { commit, type RecordDraft, stateOf, type TaskContext } from './context.ts';

/** How a transaction ends. */
export interface Ending {
  readonly status: FinalStatus;
  readonly reason?: Reason;
  readonly records?: readonly RecordDraft[];
  readonly writes?: readonly Write[];
}

/**
 * The commit point: status, outcome record and the release of the locks in one write, durable when
 * this returns. A stuck transaction keeps its locks. The seal comes after.
 */
export async function finish(context: TaskContext, ending: Ending): Promise<SagaState> {
  const { status, reason } = ending;
  const { cursor } = context.transaction;
  const release: readonly Write[] = status === 'stuck' ? [] : [{ write: 'unlock' }];
  const done = await commit(context, {
    update: {
      cursor: { ...cursor, phase: 'seal' },
      status,
      sealed: false,
      ...(reason === undefined ? {} : { reason }),
    },
    records: [...(ending.records ?? []), { kind: 'outcome', data: outcomeData(status, reason) }],
    writes: [...(ending.writes ?? []), ...release],
  });
  // INVARIANT: nobody is told of an outcome that a crash could take back.
  await done.ports.store.barrier();
  return stateOf(done.transaction);
}

function outcomeData(status: FinalStatus, reason: Reason | undefined): JsonObject {
  return { status, ...(reason === undefined ? {} : { reason: { ...reason } }) };
}
