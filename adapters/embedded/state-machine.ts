import fs from 'node:fs';
import { type Machine, parseMachine } from '../../core/asl/machine.ts';

/** The state machine that is deployed to Step Functions, read from its one file. */
export function loadTransactionMachine(): Machine {
  const file = new URL('../../statemachines/transaction.asl.json', import.meta.url);
  return parseMachine(JSON.parse(fs.readFileSync(file, 'utf8')));
}
