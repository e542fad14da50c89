import type { Mutation } from '../../adapters/embedded/account/account.ts';

/** A mutating call as the account logged it, with the claim that it was made for. */
export interface Called {
  readonly transactionId: string;
  readonly attemptId: string;
  readonly operation: string;
  readonly at: number;
  /** False when the account refused. */
  readonly isDone: boolean;
}

/** Reads the account's own log; sessions are named `agent/transaction/attempt`. */
export function calledOf(mutations: readonly Mutation[]): readonly Called[] {
  return mutations.map(({ principal, operation, at, answer }) => {
    const [, transactionId = '', attemptId = ''] = principal.split('/');
    const isRefused = typeof answer === 'object' && answer !== null && 'error' in answer;
    return { transactionId, attemptId, operation, at, isDone: !isRefused };
  });
}
