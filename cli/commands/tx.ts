import type { AddCommand } from '../program.ts';
import { addTxApprove, addTxRefuse } from './tx-approve.ts';
import { addTxExport } from './tx-export.ts';
import { addTxCancel, addTxResolve, addTxUndo } from './tx-operate.ts';
import { addTxPropose } from './tx-propose.ts';
import { addTxList, addTxWatch } from './tx-read.ts';
import { addTxDiff, addTxShow } from './tx-show.ts';

/** `interlock tx ...`: transactions. */
export const addTx: AddCommand = (program) => {
  const tx = program.command('tx').description('propose, follow and end transactions');
  addTxPropose(tx);
  addTxList(tx);
  addTxShow(tx);
  addTxDiff(tx);
  addTxWatch(tx);
  addTxApprove(tx);
  addTxRefuse(tx);
  addTxCancel(tx);
  addTxUndo(tx);
  addTxResolve(tx);
  addTxExport(tx);
};
