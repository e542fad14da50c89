import { isFinal } from '../transaction.ts';
import { stateOf, task } from './context.ts';
import { finish } from './finish.ts';

/**
 * Marks a transaction that cannot be compensated as stuck: a person is needed, its locks stay.
 * Reached only through Compensate's Catch.
 */
export const escalate = task(async (context, state) => {
  const { transaction } = context;
  if (isFinal(transaction.status)) return stateOf(transaction);
  if (state.error !== undefined) context.observing.see('execution.error', { ...state.error });
  const { Error: name = 'unknown', Cause: code } = state.error ?? {};
  const cause = code === undefined ? `\`${name}\`` : `\`${name}\` (${code})`;
  const { reason } = transaction;
  return finish(context, {
    status: 'stuck',
    reason: {
      code: reason?.code ?? 'failed',
      detail: reason?.detail ?? 'compensation-failed',
      message: `${reason?.message ?? 'failed'}; compensation ended with ${cause}`,
      stepIndex: transaction.cursor.stepIndex,
    },
  });
});
