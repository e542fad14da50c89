import type { TableNames } from '../../adapters/aws/tables.ts';
import { type Outputs, outputOf } from './deployment.ts';

/** What the tables of a deployment are called. */
export function deployedTables(outputs: Outputs): TableNames {
  return {
    transactions: outputOf(outputs, 'TransactionsTable'),
    evidence: outputOf(outputs, 'EvidenceTable'),
    decisions: outputOf(outputs, 'DecisionsTable'),
    log: outputOf(outputs, 'LogTable'),
    pending: outputOf(outputs, 'PendingTable'),
  };
}
