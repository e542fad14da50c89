import { DecisionError, StaleStateError } from '../errors.ts';
import type { SagaState } from '../transaction.ts';
import type { Task } from './context.ts';
import { refusedRecord } from './control.ts';
import { observe } from './observe.ts';

/**
 * The same task, whose refusal of a call that nothing stands behind is evidence: a stale state, or
 * no decision to consume. The control stream has it, as the call may be about no transaction.
 */
export function recordingRefusals(call: string, task: Task): Task {
  return async (ports, state) => {
    try {
      return await task(ports, state);
    } catch (error) {
      if (!(error instanceof StaleStateError || error instanceof DecisionError)) throw error;
      const subject = subjectOf(state);
      const refusal = { actor: 'control-plane', call, subject, error };
      await ports.store.appendControl(refusedRecord(observe(ports), refusal));
      throw error;
    }
  };
}

function subjectOf({ transactionId, epoch, stepIndex }: SagaState) {
  return { transactionId, epoch, stepIndex };
}
