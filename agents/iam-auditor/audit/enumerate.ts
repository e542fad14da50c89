import { beginning } from './documents.ts';
import type { AuditStep } from './ports.ts';

/** Reads the account as it is now, and gives the audit its id. */
export const enumerate: AuditStep = async (ports, state) => {
  const auditId = ports.ids.next('audit');
  const progress = beginning(ports.clock.now());
  await ports.documents.save(auditId, 'progress', progress);
  const account = await ports.readAccount(state.accountId);
  await ports.documents.save(auditId, 'account', account as object);
  return { ...state, auditId, index: 0, next: 'validate' };
};
