import { type Machine, parseMachine } from '../../core/asl/machine.ts';
import file from '../../statemachines/transaction.asl.json' with { type: 'json' };

/** The state machine that is deployed to Step Functions, read from its one file. */
export function loadTransactionMachine(): Machine {
  return parseMachine(file);
}
