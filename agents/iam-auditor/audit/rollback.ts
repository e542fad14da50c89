import { advanced, progressOf } from './apply.ts';
import type { AuditStep } from './ports.ts';

/**
 * Waits until everything that the audit has started has ended, and starts no more. Each plan is
 * atomic by itself: the failing one is compensated by the control plane, those committed before
 * stay.
 */
export const rollback: AuditStep = async (ports, state) => {
  const { auditId } = state;
  const progress = await advanced(ports, await progressOf(ports, auditId));
  await ports.documents.save(auditId, 'progress', progress);
  return { ...state, next: progress.open.length === 0 ? 'done' : 'wait' };
};
