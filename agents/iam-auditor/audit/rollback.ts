import { advanced } from './apply.ts';
import { Progress, required } from './documents.ts';
import type { AuditStep } from './ports.ts';

/**
 * Waits until everything that the audit has started has ended, and starts no more. Each plan is
 * atomic by itself: the failing one is compensated by the control plane, those committed before
 * stay.
 */
export const rollback: AuditStep = async (ports, state) => {
  const { auditId } = state;
  const noted = await required(ports.documents, { auditId, name: 'progress' }, Progress);
  const progress = await advanced(ports, noted);
  await ports.documents.save(auditId, 'progress', progress);
  return { ...state, next: progress.open.length === 0 ? 'done' : 'wait' };
};
